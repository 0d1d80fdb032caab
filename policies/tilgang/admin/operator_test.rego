package tilgang.admin_test

import data.tilgang.admin

_of_operator(change) := object.union(
	object.remove(_question, ["caller", "assignments", "settings", "grants"]),
	object.union({"caller": {"kind": "operator"}}, change),
)

_operator_acts := {
	"activation.activate", "activation.deactivate", "activation.read", "administrator.appoint", "administrator.list",
	"administrator.remove", "application.import", "bundle.activate", "bundle.approve", "bundle.compare", "bundle.deactivate", "bundle.demand", "bundle.list", "bundle.push",
	"bundle.read", "bundle.rollback", "bundle.shadow", "bundle.status", "bundle.persons", "bundle.trust", "grant.export", "grant.give", "grant.import", "grant.list", "grant.withdraw",
	"history.read", "history.verify", "organisation.close", "organisation.list", "organisation.read", "organisation.register",
	"policy-key.list", "policy-key.put", "policy-key.revoke", "policy-source.list", "secrets.read",
	"secrets.rotate", "standard-bundle.activate",
}

test_the_operator_sets_up_and_ends_but_does_not_administer_from_day_to_day if {
	every act in (_tilbyder_acts | _konsument_acts) | _operator_acts {
		answer := admin.evaluate with input as _of_operator(_act(act))
		permitted := act in _operator_acts
		answer.allowed == permitted
		answer.reasons == {true: [], false: ["role_missing"]}[permitted]
	}
}

test_what_is_the_operators_is_nobody_elses if {
	every act in [
		"application.import", "bundle.persons", "bundle.trust", "history.read", "history.verify", "organisation.close", "organisation.merge", "organisation.register",
		"policy-source.list", "secrets.read", "secrets.rotate", "standard-bundle.activate",
	] {
		every question in [_with(_act(act)), _of_machine(_act(act)), _with(object.union(_act(act), {"concernsOrganisation": false}))] {
			admin.evaluate == _denied(["operator_needed"]) with input as question
		}
	}
	every caller in [{"kind": "anonymous"}, {"kind": null}, {"kind": ""}, {}] {
		question := object.union(object.remove(_question, ["caller"]), object.union(_act("organisation.close"), {"caller": caller}))
		admin.evaluate == _denied(["caller_unknown", "operator_needed"]) with input as question
	}
}

test_the_operator_is_bound_by_no_activation_settings_or_term if {
	grant := {"activated": false, "state": "draft"}
	question := _of_operator({"settings": {"fourEyes": true, "longestGrantDays": 1}, "grants": [object.union(_grant, grant)]})
	admin.evaluate == _allowed({"grants": [[]]}) with input as question
	unknown := _of_operator({"grants": [object.union(_grant, {"roles": ["king"]}), object.remove(_grant, ["application"])]})
	admin.evaluate.grants == [["role_unknown"], ["application_outside"]] with input as unknown
	draft := _of_operator(object.union(_act("activation.activate"), {
		"application": {"state": "draft", "tilbyder": "910000001"},
		"concernsApplication": true,
	}))
	admin.evaluate.allowed with input as draft
	appointed := _of_operator(object.union(_act("administrator.appoint"), {"administrator": {"roles": ["king"]}}))
	admin.evaluate.reasons == ["admin_role_unknown"] with input as appointed
	last := _of_operator(object.union(_act("administrator.remove"), {"remaining": []}))
	admin.evaluate.allowed with input as last
	one := {"roles": ["organisasjonsadministrator"]}
	some act in ["administrator.appoint", "administrator.remove"]
	stranding := _of_operator(object.union(_act(act), {"standing": [one], "remaining": [object.union(one, {"mayGive": ["use"]})]}))
	admin.evaluate.strands with input as stranding
	kept := object.union(stranding, {"remaining": [one]})
	not admin.evaluate.strands with input as kept
}

test_only_the_operator_acts_on_all_organisations_and_only_by_some_acts if {
	overall := {"concernsOrganisation": false, "organisation": null}
	every act in [
		"grant.export", "grant.import", "history.read", "history.verify", "organisation.list", "organisation.register",
		"policy-key.list", "policy-key.put", "policy-key.revoke", "policy-source.list", "secrets.read",
		"secrets.rotate", "standard-bundle.activate",
	] {
		admin.evaluate.allowed with input as _of_operator(object.union(_act(act), overall))
		every odd in [true, null, 5, ""] {
			question := _of_operator(object.union(_act(act), object.union(overall, {"concernsOrganisation": odd})))
			admin.evaluate == _denied(["organisation_unknown"]) with input as question
		}
	}
	every act in ["grant.give", "grant.withdraw", "organisation.close", "administrator.appoint", "organisation.read"] {
		admin.evaluate == _denied(["organisation_unknown"]) with input as _of_operator(object.union(_act(act), overall))
	}
	every act in ["grant.export", "grant.import"] {
		admin.evaluate == _denied(["organisation_unknown"]) with input as _with(object.union(_act(act), overall))
		admin.evaluate == _denied(["organisation_unknown"]) with input as _of_machine(object.union(_act(act), overall))
	}
}

test_an_organisation_ends_once_and_what_was_broken_off_is_repeated if {
	alone := {"at": _now}
	merged := {"at": _now, "into": "910000001"}
	successor := {"orgnr": "910000001", "mayBeKonsument": true}
	cases := [
		{"act": "organisation.close", "closed": null, "reasons": []},
		{"act": "organisation.close", "closed": alone, "reasons": []},
		{"act": "organisation.close", "closed": merged, "reasons": ["organisation_closed"]},
		{"act": "organisation.close", "closed": {"at": _now, "into": null}, "reasons": ["organisation_closed"]},
		{"act": "organisation.close", "closed": 5, "reasons": ["organisation_closed"]},
		{"act": "organisation.merge", "closed": null, "reasons": []},
		{"act": "organisation.merge", "closed": merged, "reasons": []},
		{"act": "organisation.merge", "closed": alone, "reasons": ["organisation_closed"]},
		{"act": "organisation.merge", "closed": {"at": _now, "into": "910000002"}, "reasons": ["organisation_closed"]},
		{"act": "grant.give", "closed": alone, "reasons": ["organisation_closed"]},
		{"act": "grant.import", "closed": merged, "reasons": ["organisation_closed"]},
		{"act": "activation.activate", "closed": merged, "reasons": ["organisation_closed"]},
		{"act": "administrator.appoint", "closed": merged, "reasons": []},
		{"act": "grant.withdraw", "closed": merged, "reasons": []},
	]
	every case in cases {
		question := _of_operator(object.union(_act(case.act), {"organisation": {"closed": case.closed}, "successor": successor}))
		admin.evaluate.reasons == case.reasons with input as question
	}
	untold := _of_operator(_act("organisation.close"))
	admin.evaluate.reasons == ["organisation_closed"] with input as object.union(
		object.remove(untold, ["organisation"]),
		{"organisation": {"orgnr": "910000000"}},
	)
}

test_what_an_organisation_is_merged_into if {
	cases := [
		{"successor": {"orgnr": "910000001", "mayBeKonsument": true}, "reasons": []},
		{"successor": {"orgnr": "910000000", "mayBeKonsument": true}, "reasons": ["successor_unfit"]},
		{"successor": {"orgnr": "910000001", "mayBeKonsument": false}, "reasons": ["successor_unfit"]},
		{"successor": {"orgnr": "910000001", "mayBeKonsument": null}, "reasons": ["successor_unfit"]},
		{"successor": null, "reasons": ["successor_unknown", "successor_unfit"]},
	]
	every case in cases {
		question := _of_operator(object.union(_act("organisation.merge"), {"successor": case.successor}))
		admin.evaluate.reasons == case.reasons with input as question
	}
	for_no_konsument := [
		{"to": "910000001", "flag": false, "reasons": []},
		{"to": "910000000", "flag": false, "reasons": ["successor_unfit"]},
		{"to": "910000001", "flag": null, "reasons": ["successor_unfit"]},
	]
	every case in for_no_konsument {
		changes := {"successor": {"orgnr": case.to, "mayBeKonsument": false}, "organisation": {"mayBeKonsument": case.flag}}
		admin.evaluate.reasons == case.reasons with input as _of_operator(object.union(_act("organisation.merge"), changes))
	}
}

test_one_that_has_ceased_is_given_no_role_and_no_access if {
	organisations := [
		{"orgnr": "910000001", "closed": null, "mayBeKonsument": true, "mayBeTilbyder": false},
		{"orgnr": "910000002", "closed": {"at": _now}, "mayBeKonsument": false, "mayBeTilbyder": false},
		{"orgnr": "910000003", "closed": {"at": _now}, "mayBeKonsument": true, "mayBeTilbyder": false},
		{"orgnr": "910000004", "closed": {"at": _now}, "mayBeKonsument": false, "mayBeTilbyder": true},
		{"orgnr": "910000005", "mayBeKonsument": true, "mayBeTilbyder": false},
	]
	closed := ["organisation_closed"]
	every act, faults in {
		"organisation.register": [[], [], closed, closed, closed],
		"grant.import": [[], closed, closed, closed, closed],
	} {
		question := _of_operator(object.union(_act(act), {"concernsOrganisation": false, "organisations": organisations}))
		admin.evaluate == _allowed({"organisations": faults}) with input as question
	}
}

test_without_lists_where_lists_belong_there_is_no_answer if {
	every odd in [null, 5, "", {}] {
		not admin.evaluate with input as _with({"organisations": odd})
		not admin.evaluate with input as _with({"candidates": odd})
	}
}
