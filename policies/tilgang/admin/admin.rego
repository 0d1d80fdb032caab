# METADATA
# title: Who may administer applications, activations, grants and administrators
# description: |
#   One question over one input document (schemas/admin-input.json). Faults are named by what is required and not met, so that a
#   missing or odd value is a fault. They come in steps, each alone: what depends on caller and action only, then the
#   organisation, then the act. An unknown and a foreign organisation, or application, thus differ by nothing but their slug.
#   acts.rego is the table of who may do what; the files beside it hold what each row requires besides.
# schemas:
#   - input: schema["admin-input"]
package tilgang.admin

import data.tilgang.grants

# METADATA
# title: May the caller do this for the organisation?
# description: |
#   allowed and reasons are about the act; reasons come the most telling first. grants and organisations hold what stands in the way of
#   each of input.grants and input.organisations, shown whether each of input.candidates is there for the caller, all in order.
#   applications is null, or the App-IDs that the caller is limited to. held says how input.held stands: null (there is none),
#   "over", "open" (may be replaced) or "standing". settings are those in force, for acts about them; needsTwo says that the
#   change of them that is asked for waits until another one confirms it; strands that nobody with no limit is left, for whoever is
#   not kept from that. Without an instant in
#   context.time, or with lists that are none, there is no answer.
# entrypoint: true
evaluate := {
	"allowed": true,
	"reasons": [],
	"grants": _grants,
	"organisations": _organisations,
	"shown": _shown,
	"applications": _applications,
	"held": _held,
	"settings": _settings_told,
	"needsTwo": _needs_two,
	"strands": _strands,
} if {
	_answerable
	count(_reasons) == 0
} else := {
	"allowed": false,
	"reasons": _by_precedence(_reasons),
	"grants": [],
	"organisations": [],
	"shown": [],
	"applications": [],
	"held": null,
	"settings": null,
	"needsTwo": false,
	"strands": false,
} if {
	_answerable
}

_answerable if {
	grants.is_instant(input.context.time)
	is_array(object.get(input, "grants", []))
	is_array(object.get(input, "organisations", []))
	is_array(object.get(input, "candidates", []))
}

_reasons := _logo_faults if {
	input.action.name == "logo.read"
} else := {"action_unknown"} if {
	not _row
} else := _caller_faults if {
	count(_caller_faults) > 0
} else := _organisation_faults if {
	count(_organisation_faults) > 0
} else := _act_faults

# What an act requires besides a role; what there is to it stands in the file of its row.

_act_faults contains "role_missing" if not _may_act

_act_faults contains slug if {
	some slug in _requirements[input.action.name]
	not _met(slug)
}

_act_faults contains slug if {
	not _is_operator
	some slug in _required_of_application[input.action.name]
	_application_reachable
	not _met(slug)
}

_requirements := _required_of_operator if {
	_is_operator
} else := _required

# Of the organisation and of the administrator that it is about, by the fault of not meeting it.
_required := {
	"activation.activate": {"organisation_not_konsument"},
	"administrator.appoint": {"admin_role_unknown", "organisation_not_konsument", "self_grant"},
	"administrator.change": {"admin_role_unknown", "last_administrator", "self_grant"},
	"administrator.remove": {"last_administrator"},
	"application.change": {"organisation_not_tilbyder"},
	"application.register": {"organisation_not_tilbyder"},
	"application.try": {"person_not_synthetic"},
	"bundle.activate": {"organisation_not_tilbyder"},
	"bundle.push": {"organisation_not_tilbyder"},
	"bundle.shadow": {"organisation_not_tilbyder"},
	"grant.change": {"organisation_not_konsument"},
	"grant.give": {"organisation_not_konsument"},
	"grant.import": {"organisation_not_konsument"},
	"logo.set": {"organisation_not_tilbyder"},
	"policy-key.put": {"organisation_not_tilbyder"},
	"settings.change": {"not_one_of_two", "second_person_missing"},
	"settings.confirm": {"asker_gone", "not_one_of_two", "nothing_pending", "second_person_needed"},
}

# The operator sets up what the organisations then keep: only what has ceased is out of reach.
_required_of_operator := {
	"activation.activate": {"organisation_closed"},
	"administrator.appoint": {"admin_role_unknown"},
	"grant.give": {"organisation_closed"},
	"grant.import": {"organisation_closed"},
	"organisation.close": {"organisation_closed"},
	"organisation.merge": {"organisation_closed", "successor_unfit", "successor_unknown"},
}

# Of the application; these acts always concern one.
_required_of_application := {
	"activation.activate": {"application_not_active"},
	"application.change": {"application_retired", "transition_not_allowed"},
	"application.try": {"application_retired"},
	"bundle.activate": {"application_retired"},
	"bundle.push": {"application_retired"},
	"bundle.shadow": {"application_retired"},
	"logo.set": {"application_retired"},
}
