# The table of docs/administration.md, "The systembruker side".
# Each act stands in one row; a row says by which scopes a machine may, and in which roles a person may.
package systembruker.admin

# What everybody is told, without a token.
_row := "open" if {
	input.action.name in {
		"package.list",
		"package.read",
		"resource.list",
		"resource.read",
	}
}

# See the systems that can be chosen: whoever logs in, and machines of vendors.
_row := "browsing" if input.action.name in {"system.list-visible", "system.read"}

# Put and remove services of one's own.
_row := "keeping resources" if input.action.name in {"resource.put", "resource.remove"}

# Keep one's systems, and say where one is told what becomes of them.
_row := "keeping systems" if {
	input.action.name in {
		"system-user.list-of-system",
		"system.change",
		"system.changelog",
		"system.create",
		"system.delete",
		"system.list-own",
		"system.read-own",
		"webhook.put",
		"webhook.read",
		"webhook.remove",
	}
}

# Ask customers for system users, and for changes of them; find them and give them back.
_row := "requesting" if {
	input.action.name in {
		"change-request.create",
		"change-request.withdraw",
		"request.create",
		"request.withdraw",
		"system-user.find",
		"system-user.give-back",
	}
}

# See what was asked for and what has become of it.
_row := "reading requests" if {
	input.action.name in {
		"change-request.list",
		"change-request.read",
		"feed.read",
		"request.list",
		"request.read",
	}
}

# Look at what a vendor has asked for, and send it on to those who can answer.
_row := "opening" if input.action.name in {"change-request.open", "request.escalate", "request.open"}

# Answer vendors' requests; see and keep the organisation's system users.
_row := "answering" if {
	input.action.name in {
		"change-request.approve",
		"change-request.list-pending",
		"change-request.reject",
		"own-system.change",
		"own-system.create",
		"request.approve",
		"request.list-pending",
		"request.reject",
		"system-user.activate",
		"system-user.change",
		"system-user.create",
		"system-user.deactivate",
		"system-user.delete",
		"system-user.list",
		"system-user.move",
		"system-user.read",
	}
}

# Say who acts for the organisation as its client.
_row := "giving packages" if input.action.name in {"client-relation.give", "client-relation.list", "client-relation.withdraw"}

# See whom the organisation's agents act for.
_row := "seeing clients" if input.action.name == "agent-client.list"

# Let them act for clients, and no more.
_row := "keeping clients" if input.action.name in {"agent-client.add", "agent-client.remove"}

# Whose system user a client may act as: for a Maskinporten.
_row := "looking up" if input.action.name == "system-user.look-up"

# Keep packages; say what the registers know of clients.
_row := "operating" if input.action.name in {"client-relation.import", "package.put"}

# What a machine needs: one of them.
_scopes := {
	"browsing": {
		"altinn:authentication/systemregister.admin",
		"altinn:authentication/systemregister.write",
		"altinn:authentication/systemuser.request.read",
		"altinn:authentication/systemuser.request.write",
	},
	"keeping resources": {"altinn:resourceregistry/resource.write"},
	"keeping systems": {"altinn:authentication/systemregister.admin", "altinn:authentication/systemregister.write"},
	"requesting": {"altinn:authentication/systemuser.request.write"},
	"reading requests": {"altinn:authentication/systemuser.request.read", "altinn:authentication/systemuser.request.write"},
	"looking up": {"altinn:maskinporten/systemuser.read"},
}

# What the client of a person needs: one of them. Who has logged in at a page of ours needs none.
_person_scopes := {
	"browsing": {"altinn:portal/enduser"},
	"opening": {"altinn:portal/enduser"},
	"answering": {"altinn:portal/enduser"},
	"giving packages": {"altinn:portal/enduser"},
	"seeing clients": {"altinn:clientdelegations.read", "altinn:clientdelegations.write", "altinn:portal/enduser"},
	"keeping clients": {"altinn:clientdelegations.write", "altinn:portal/enduser"},
}

# The role that a person needs in the organisation: one of them, without limits.
_roles := {
	"answering": {"organisasjonsadministrator", "tilgangsstyrer"},
	"giving packages": {"organisasjonsadministrator", "tilgangsstyrer"},
	"seeing clients": {"klientadministrator", "organisasjonsadministrator", "tilgangsstyrer"},
	"keeping clients": {"klientadministrator", "organisasjonsadministrator", "tilgangsstyrer"},
}

# What changes nothing: an organisation that has ceased is still told what it has.
_changes_nothing if _row in {"browsing", "looking up", "reading requests", "seeing clients"}

_changes_nothing if {
	input.action.name in {
		"change-request.list-pending",
		"change-request.open",
		"client-relation.list",
		"request.list-pending",
		"request.open",
		"system-user.find",
		"system-user.list",
		"system-user.list-of-system",
		"system-user.read",
		"system.changelog",
		"system.list-own",
		"system.read-own",
		"webhook.read",
	}
}
