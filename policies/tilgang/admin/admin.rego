# METADATA
# title: Who may administer applications, activations, grants and administrators
# description: |
#   One question over one input document (schemas/admin-input.json). Faults are named by what is required and not met, so that a
#   missing or odd value is a fault. They come in steps, each alone: what depends on caller and action only, then the
#   organisation, then the act. An unknown and a foreign organisation, or application, thus differ by nothing but their slug.
# schemas:
#   - input: schema["admin-input"]
package tilgang.admin

import data.tilgang.grants

# METADATA
# title: May the caller do this for the organisation?
# description: |
#   allowed and reasons are about the act. grants holds what stands in the way of each of input.grants, in order. applications
#   is null, or the App-IDs that the caller is limited to. Without an instant in context.time, or with grants that are no list,
#   there is no answer.
# entrypoint: true
evaluate := {"allowed": true, "reasons": [], "grants": _grants, "applications": _applications} if {
	_answerable
	count(_reasons) == 0
} else := {"allowed": false, "reasons": sort(_reasons), "grants": [], "applications": []} if {
	_answerable
}

_answerable if {
	grants.is_instant(input.context.time)
	is_array(object.get(input, "grants", []))
}

_reasons := _logo_faults if {
	input.action.name == "logo.read"
} else := {"action_unknown"} if {
	not _side
} else := _caller_faults if {
	count(_caller_faults) > 0
} else := _organisation_faults if {
	count(_organisation_faults) > 0
} else := _act_faults

_tilbyder_acts := {
	"application.change",
	"application.konsumenter",
	"application.list",
	"application.read",
	"application.register",
	"application.try",
	"logo.set",
}

_konsument_acts := {
	"activation.activate",
	"activation.deactivate",
	"activation.read",
	"administrator.appoint",
	"administrator.change",
	"administrator.list",
	"administrator.remove",
	"event.list",
	"grant.change",
	"grant.export",
	"grant.give",
	"grant.import",
	"grant.list",
	"grant.read",
	"grant.withdraw",
	"offer.list",
	"organisation.read",
	"person.look_up",
	"person.remove",
	"settings.change",
	"settings.read",
}

_applikasjonsadministrator_acts := _tilbyder_acts | {
	"activation.activate",
	"activation.deactivate",
	"activation.read",
	"administrator.list",
	"event.list",
	"offer.list",
	"organisation.read",
	"settings.read",
}

_tilgangsadministrator_acts := {
	"activation.read",
	"administrator.list",
	"event.list",
	"grant.change",
	"grant.export",
	"grant.give",
	"grant.import",
	"grant.list",
	"grant.read",
	"grant.withdraw",
	"offer.list",
	"organisation.read",
	"person.look_up",
	"person.remove",
	"settings.read",
}

# Whoever may run commands on the data folder.
_operator_acts := _operator_only_acts | {
	"activation.activate",
	"activation.deactivate",
	"activation.read",
	"administrator.appoint",
	"administrator.list",
	"administrator.remove",
	"application.register",
	"grant.export",
	"grant.give",
	"grant.import",
	"grant.list",
	"grant.withdraw",
	"organisation.read",
}

_operator_only_acts := {"organisation.close", "organisation.list", "organisation.merge", "organisation.register"}

# What the operator may do for all organisations in one act.
_overall_acts := {"grant.export", "grant.import", "organisation.list", "organisation.register"}

_person_acts := {"administrator.appoint", "administrator.change", "administrator.remove", "settings.change"}

# Acts that judge input.grants one by one.
_giving_acts := {"grant.change", "grant.give", "grant.import"}

_admin_roles := {"applikasjonsadministrator", "organisasjonsadministrator", "tilgangsadministrator"}

# What an act requires of the organisation and of the administrator it is about, by the fault of not meeting it.
_required := {
	"activation.activate": {"organisation_not_konsument"},
	"administrator.appoint": {"admin_role_unknown", "organisation_not_konsument", "self_grant"},
	"administrator.change": {"admin_role_unknown", "last_administrator", "self_grant"},
	"administrator.remove": {"last_administrator"},
	"application.change": {"organisation_not_tilbyder"},
	"application.register": {"organisation_not_tilbyder"},
	"grant.change": {"organisation_not_konsument"},
	"grant.give": {"organisation_not_konsument"},
	"grant.import": {"organisation_not_konsument"},
	"logo.set": {"organisation_not_tilbyder"},
}

# What an act requires of the application; these acts always concern one.
_required_of_application := {
	"activation.activate": {"application_not_active"},
	"application.change": {"application_retired", "transition_not_allowed"},
	"application.try": {"application_retired"},
	"logo.set": {"application_retired"},
}

_transitions := {
	"draft": {"draft", "active", "retired"},
	"active": {"active", "retired"},
	"retired": {"retired"},
}

# The action: which side it belongs to, and which admin roles permit it.

_side := "tilbyder" if input.action.name in _tilbyder_acts

_side := "konsument" if input.action.name in _konsument_acts

_side := "operator" if input.action.name in _operator_only_acts

_permitting_roles contains "organisasjonsadministrator" if _side

_permitting_roles contains "applikasjonsadministrator" if input.action.name in _applikasjonsadministrator_acts

_permitting_roles contains "tilgangsadministrator" if input.action.name in _tilgangsadministrator_acts

# The logo is for everybody, once the application is out of its draft.

_logo_faults contains "application_unknown" if not _logo_public

_logo_public if {
	_application_known
	input.application.state in {"active", "retired"}
}

# The caller.

_is_machine if input.caller.kind == "machine"

_is_person if input.caller.kind == "person"

_is_operator if input.caller.kind == "operator"

_is_identified if _is_machine

_is_identified if _is_operator

_is_identified if _is_person

_has_scope if {
	scope := {"tilbyder": "ks:fiks.tilbyder", "konsument": "ks:fiks.konsument"}[_side]
	scope in input.caller.scopes
}

_caller_faults contains "operator_needed" if {
	_side == "operator"
	not _is_operator
}

_has_security_level if input.caller.acr in {"idporten-loa-high", "Level4"}

_caller_faults contains "caller_unknown" if not _is_identified

_caller_faults contains "scope_missing" if {
	_is_machine
	not _side == "operator"
	not _has_scope
}

_caller_faults contains "person_needed" if {
	_is_machine
	input.action.name in _person_acts
}

_caller_faults contains "security_level_too_low" if {
	_is_person
	not _has_security_level
}

# The organisation. Under delegation the consumer is the organisation; the supplier does not matter.

_organisation_known if is_string(input.organisation.orgnr)

_organisation_own if _is_operator

_organisation_own if {
	_is_machine
	input.caller.consumer == input.organisation.orgnr
}

_organisation_own if {
	_is_person
	count(_in_force) > 0
}

_organisation_faults contains "organisation_unknown" if {
	not _organisation_known
	not _is_overall
}

_organisation_faults contains "organisation_foreign" if {
	_organisation_known
	not _organisation_own
}

# Only a plain false says that the act is about no single organisation.
_is_overall if {
	_is_operator
	input.action.name in _overall_acts
	input.concernsOrganisation == false
}

_in_force contains assignment if {
	some assignment in input.assignments
	_is_in_force(assignment)
}

_is_in_force(assignment) if {
	not grants.withdrawn(assignment)
	grants.begun(assignment, input.context.time)
	grants.lasting(assignment, input.context.time)
}

# How far each assignment that permits the action reaches: applications and roles it is limited to (null: all), and until when.
_reaches contains reach if {
	_is_person
	some assignment in _in_force
	_permits(assignment)
	reach := {
		"applications": _limit(assignment, "applications"),
		"roles": _limit(assignment, "mayGive"),
		"until": _until(assignment),
	}
}

# A machine that is the organisation reaches everything.
_reaches contains {"applications": null, "roles": null, "until": _endless} if _is_machine

_reaches contains {"applications": null, "roles": null, "until": _endless} if {
	_is_operator
	input.action.name in _operator_acts
}

_endless := "9999-12-31T23:59:59.999Z"

_permits(assignment) if {
	some role in assignment.roles
	role in _permitting_roles
}

# A set of texts, null for no limit, or false for an odd shape, which is within nothing and holds nothing.
_limit(thing, name) := texts if {
	is_array(thing[name])
	texts := {text | some text in thing[name]}
} else := false if {
	_ = thing[name]
} else := null

_until(thing) := thing.until if {
	grants.is_instant(thing.until)
} else := false if {
	_ = thing.until
} else := _endless

_within(asked, null) if asked != false

_within(asked, limit) if {
	is_set(asked)
	is_set(limit)
	count(asked - limit) == 0
}

_may_act if count(_reaches) > 0

_applications := null if {
	some reach in _reaches
	reach.applications == null
} else := null if {
	input.action.name == "logo.read"
} else := sort({id | some reach in _reaches; some id in reach.applications; is_string(id)})

# The act.

_act_faults contains "role_missing" if not _may_act

_act_faults contains slug if {
	not _is_operator
	some slug in _required[input.action.name]
	not _met(slug)
}

_act_faults contains slug if {
	not _is_operator
	some slug in _required_of_application[input.action.name]
	_application_reachable
	not _met(slug)
}

_act_faults contains "application_unknown" if {
	_concerns_application
	not _application_known
}

_act_faults contains "application_foreign" if {
	_concerns_application
	_application_known
	not _application_reachable
}

_act_faults contains "application_outside" if {
	_concerns_application
	_application_reachable
	_may_act
	not _application_covered
}

# What an administrator is to become, and what one is that is to be changed or removed: both within the caller's own reach.
_act_faults contains slug if {
	input.action.name in _person_acts
	_may_act
	some name in {"administrator", "held"}
	asked := input[name]
	slug := _chain_fault(_covering(_limit(asked, "applications")), _limit(asked, "mayGive"), _until(asked))
}

# What is about all applications, or about a new one, is within no limit.
_act_faults contains "application_outside" if {
	input.action.name in {"application.register", "settings.change"}
	_may_act
	not _applications == null
}

# Only a plain false is a no.
_concerns_application if not input.concernsApplication == false

_concerns_application if _required_of_application[input.action.name]

_application_known if {
	is_string(input.application.id)
	_is_shown
}

# A draft is nobody's but its tilbyder's; the tilbyder's side has its own word for what is foreign.
_is_shown if input.application.state in {"active", "retired"}

_is_shown if _is_own

_is_shown if _side == "tilbyder"

_is_shown if _is_operator

_is_own if input.application.tilbyder == input.organisation.orgnr

# Known, and not somebody else's: a foreign application shows nothing but that.
_application_reachable if {
	_application_known
	_side == "konsument"
}

_application_reachable if {
	_application_known
	_is_own
}

_application_covered if count(_covering({input.application.id})) > 0

_met("organisation_not_konsument") if input.organisation.mayBeKonsument == true

_met("organisation_not_konsument") if {
	input.action.name == "administrator.appoint"
	input.organisation.mayBeTilbyder == true
}

_met("organisation_not_tilbyder") if input.organisation.mayBeTilbyder == true

_met("application_not_active") if input.application.state == "active"

_met("application_retired") if input.application.state in {"draft", "active"}

_met("transition_not_allowed") if not _moves

_met("transition_not_allowed") if input.action.to in _transitions[input.application.state]

_met("admin_role_unknown") if {
	is_array(input.administrator.roles)
	roles := {role | some role in input.administrator.roles}
	count(roles) > 0
	count(roles - _admin_roles) == 0
}

_met("self_grant") if not _four_eyes

_met("self_grant") if _is_for_another(input.administrator)

# Afterwards somebody administers all of the organisation now, and for as long as somebody did before.
_met("last_administrator") if _last_end(input.remaining) >= _last_end(input.standing)

_last_end(assignments) := max({_until(assignment) |
	some assignment in assignments
	"organisasjonsadministrator" in assignment.roles
	_limit(assignment, "applications") == null
	_is_in_force(assignment)
})

_moves if _ = input.action.to

# Four eyes concern persons, and are off only by a plain false.
_four_eyes if {
	_is_person
	not input.settings.fourEyes == false
}

_is_for_another(asked) if {
	_is_text(asked.subject)
	_is_text(input.caller.brukerId)
	asked.subject != input.caller.brukerId
}

_is_text(value) if {
	is_string(value)
	value != ""
}

# The chain: one assignment must cover the applications, may give the roles and last as long. The first link to break is the fault.

_chain_fault(covering, roles, until) := "application_outside" if {
	count(covering) == 0
} else := "roles_outside" if {
	count(_giving(covering, roles)) == 0
} else := "longer_than_own" if {
	not _reaching(_giving(covering, roles), until)
}

_covering(applications) := {reach | some reach in _reaches; _within(applications, reach.applications)}

_giving(covering, roles) := {reach | some reach in covering; _within(roles, reach.roles)}

_reaching(giving, until) if {
	is_string(until)
	some reach in giving
	reach.until >= until
}

# Each of the grants.

_grants := [sort(object.get(_faults_at, i, set())) | some i, _ in input.grants]

_faults_at[i] contains "application_not_active" if {
	not _is_operator
	some i, grant in _given
	not grant.state == "active"
}

_faults_at[i] contains "application_not_activated" if {
	not _is_operator
	some i, grant in _given
	not grant.activated == true
}

_faults_at[i] contains "self_grant" if {
	_four_eyes
	some i, grant in _given
	not _is_for_another(grant)
}

_faults_at[i] contains "longer_than_allowed" if {
	not _is_operator
	some i, grant in _given
	not _short_enough(grant)
}

_faults_at[i] contains slug if {
	some i, grant in _given
	slug := _chain_fault(_covering_of(grant), _limit(grant, "roles"), _until(grant))
}

_given := input.grants if input.action.name in _giving_acts

# Once for each application, not for each grant.
_covering_by_application := {application: _covering({application}) |
	some application in {grant.application | some grant in _given}
	is_string(application)
}

_covering_of(grant) := covering if {
	covering := _covering_by_application[grant.application]
} else := set()

# Settings of an odd shape let nothing last.
_short_enough(_) if {
	is_boolean(input.settings.fourEyes)
	not _has_longest
}

_short_enough(grant) if {
	is_number(grant.days)
	is_number(input.settings.longestGrantDays)
	grant.days <= input.settings.longestGrantDays
}

_has_longest if _ = input.settings.longestGrantDays
