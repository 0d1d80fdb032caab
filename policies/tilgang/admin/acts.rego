# The table of docs/administration.md.
# Each act stands in one row; a row says which roles of an administrator permit it, and by which scope a machine may.
package tilgang.admin

# Register, change, retire applications, logo, try, explain, konsumenter; their own policy bundles, and the keys that sign these.
_row := "registering" if {
	input.action.name in {
		"application.change",
		"application.explain",
		"application.konsumenter",
		"application.list",
		"application.read",
		"application.register",
		"application.try",
		"bundle.activate",
		"bundle.approve",
		"bundle.compare",
		"bundle.deactivate",
		"bundle.demand",
		"bundle.list",
		"bundle.push",
		"bundle.read",
		"bundle.rollback",
		"bundle.shadow",
		"bundle.status",
		"logo.set",
		"policy-key.list",
		"policy-key.put",
		"policy-key.revoke",
	}
}

# Read offers, activations, administrators, settings, history.
_row := "reading" if {
	input.action.name in {
		"activation.read",
		"administrator.list",
		"event.list",
		"offer.list",
		"organisation.read",
		"settings.read",
	}
}

# Switch applications on and off.
_row := "switching" if input.action.name in {"activation.activate", "activation.deactivate"}

# Give, change, withdraw, look up, explain, remove, import, export.
_row := "giving" if {
	input.action.name in {
		"grant.change",
		"grant.explain",
		"grant.export",
		"grant.give",
		"grant.import",
		"grant.list",
		"grant.read",
		"grant.withdraw",
		"person.look_up",
		"person.remove",
	}
}

# Appoint, change, remove administrators; change settings.
_row := "appointing" if {
	input.action.name in {
		"administrator.appoint",
		"administrator.change",
		"administrator.remove",
		"settings.change",
		"settings.confirm",
		"settings.reject",
	}
}

# The organisations that the caller may act for: each is judged by itself.
_row := "listing" if input.action.name == "organisation.list"

# Register, merge and close organisations; put applications in place as they are told; read and check the history of all;
# rotate the secrets; let a bundle judge alone; see whom another bundle would give or take access; take the standard rules from a source.
_row := "operating" if {
	input.action.name in {
		"application.import",
		"bundle.persons",
		"bundle.trust",
		"history.read",
		"history.verify",
		"organisation.close",
		"organisation.merge",
		"organisation.register",
		"policy-source.list",
		"secrets.read",
		"secrets.rotate",
		"standard-bundle.activate",
	}
}

_permitting_roles := {
	"registering": {"applikasjonsadministrator", "organisasjonsadministrator"},
	"reading": {"applikasjonsadministrator", "organisasjonsadministrator", "tilgangsadministrator"},
	"switching": {"applikasjonsadministrator", "organisasjonsadministrator"},
	"giving": {"organisasjonsadministrator", "tilgangsadministrator"},
	"appointing": {"organisasjonsadministrator"},
}

# What a machine needs; and appointing is for persons.
_scope := {
	"registering": "ks:fiks.tilbyder",
	"reading": "ks:fiks.konsument",
	"listing": "ks:fiks.konsument",
	"switching": "ks:fiks.konsument",
	"giving": "ks:fiks.konsument",
	"appointing": "ks:fiks.konsument",
}

# Whoever may run commands on the data folder may do these of the other rows too.
_is_operators if _row == "operating"

_is_operators if {
	input.action.name in {
		"activation.activate",
		"activation.deactivate",
		"activation.read",
		"administrator.appoint",
		"administrator.list",
		"administrator.remove",
		"application.explain",
		"bundle.activate",
		"bundle.approve",
		"bundle.compare",
		"bundle.deactivate",
		"bundle.demand",
		"bundle.list",
		"bundle.push",
		"bundle.read",
		"bundle.rollback",
		"bundle.shadow",
		"bundle.status",
		"grant.export",
		"grant.give",
		"grant.import",
		"grant.list",
		"grant.withdraw",
		"organisation.read",
		"policy-key.list",
		"policy-key.put",
		"policy-key.revoke",
	}
}
