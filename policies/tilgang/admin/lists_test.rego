package tilgang.admin_test

import data.tilgang.admin

_own_organisations := [
	{"orgnr": "910000000", "assignments": [{"roles": ["tilgangsadministrator"]}]},
	{"orgnr": "910000001", "assignments": [{"roles": ["organisasjonsadministrator"], "until": _now}]},
	{"orgnr": "910000002", "assignments": [{"roles": ["king"]}]},
	{"orgnr": "910000003"},
]

test_which_organisations_somebody_may_act_for if {
	listing := object.union(_act("organisation.list"), {"concernsOrganisation": false, "organisations": _own_organisations})
	missing := ["role_missing"]
	person := object.remove(_with(listing), ["organisation", "assignments", "grants"])
	admin.evaluate == _allowed({"applications": [], "organisations": [[], missing, missing, missing]}) with input as person
	weak := object.union(person, {"caller": {"acr": "Level3"}})
	admin.evaluate == _denied(["security_level_too_low"]) with input as weak
	machine := _of_machine(listing)
	admin.evaluate.organisations == [[], missing, missing, missing] with input as machine
	admin.evaluate.reasons == ["scope_missing"] with input as object.union(machine, {"caller": {"scopes": []}})
	admin.evaluate.organisations == [[], [], [], []] with input as _of_operator(listing)
}

_candidates := [
	{"state": "active", "tilbyder": "910000001", "activated": false},
	{"state": "draft", "tilbyder": "910000001", "activated": false},
	{"state": "draft", "tilbyder": "910000000", "activated": false},
	{"state": "retired", "tilbyder": "910000001", "activated": false},
	{"state": "retired", "tilbyder": "910000001", "activated": true},
	null,
	{"state": "", "tilbyder": "910000000"},
]

test_an_offer_is_active_or_switched_on if {
	question := _with(object.union(_act("offer.list"), {"candidates": _candidates}))
	admin.evaluate.shown == [true, false, false, false, true, false, false] with input as question
	admin.evaluate.shown == [true, false, false, false, true, false, false] with input as _of_machine(question)
}

test_a_draft_that_is_named_is_known_to_its_tilbyder_only if {
	every act in ["administrator.appoint", "administrator.change", "grant.import"] {
		question := object.union(_act(act), {"candidates": _candidates})
		admin.evaluate.shown == [true, false, true, true, true, false, false] with input as _with(question)
	}
	everything := _of_operator(object.union(_act("grant.import"), {"candidates": _candidates}))
	admin.evaluate.shown == [true, true, true, true, true, false, false] with input as everything
}

test_who_has_decided_nothing_gets_the_usual_settings if {
	every act in ["settings.change", "settings.confirm", "settings.read", "settings.reject"] {
		admin.evaluate.settings == {"fourEyes": false} with input as _with(object.union(_act(act), {"settings": null}))
		own := {"fourEyes": true, "longestGrantDays": 3}
		admin.evaluate.settings == own with input as _with(object.union(_act(act), {"settings": own}))
		admin.evaluate.settings == null with input as object.remove(_with(_act(act)), ["settings"])
	}
	admin.evaluate.settings == null with input as _with(object.union(_act("grant.give"), {"settings": null}))
}

test_settings_that_were_forgotten_are_the_strictest if {
	mine := object.union(_with({"grants": [object.union(_grant, {"subject": "me"})]}), {"settings": null})
	admin.evaluate.grants == [[]] with input as mine
	admin.evaluate.grants == [["longer_than_allowed", "self_grant"]] with input as object.remove(mine, ["settings"])
}

test_an_application_is_asked_for_roles_that_it_knows if {
	every known in [["use"], ["admin"], null, 5, "use"] {
		faults := {true: [], false: ["role_unknown"]}[known == ["use"]]
		admin.evaluate.grants == [faults] with input as _grants_with({}, [{"knownRoles": known}])
	}
	admin.evaluate.grants == [["role_unknown"]] with input as _with({"grants": [object.remove(_grant, ["knownRoles"])]})
}

test_how_the_assignment_stands_that_there_is if {
	role := {"roles": ["tilgangsadministrator"]}
	cases := [
		{"held": role, "standing": "standing"},
		{"held": object.union(role, {"until": _later}), "standing": "standing"},
		{"held": object.union(role, {"until": _now}), "standing": "over"},
		{"held": object.union(role, {"withdrawn": {"at": _now, "by": "operator"}}), "standing": "over"},
		{"held": object.union(role, {"until": null}), "standing": "standing"},
		{"held": null, "standing": "standing"},
	]
	every case in cases {
		question := object.union(_act("administrator.appoint"), {"held": case.held})
		admin.evaluate.held == case.standing with input as _with(question)
		open := {"standing": "open", "over": "over"}[case.standing]
		admin.evaluate.held == open with input as _of_operator(question)
	}
	admin.evaluate.held == null with input as _with(_act("administrator.appoint"))
}

test_whom_one_appoints_anew_may_have_reached_further if {
	limited := {"roles": ["organisasjonsadministrator"], "applications": ["a"]}
	within := {"subject": "other", "roles": ["tilgangsadministrator"], "applications": ["a"]}
	held := {"roles": ["tilgangsadministrator"], "until": _now}
	question := _with({"assignments": [limited], "administrator": within, "held": held})
	admin.evaluate.allowed with input as object.union(question, _act("administrator.appoint"))
	admin.evaluate.reasons == ["last_administrator", "application_outside"] with input as object.union(
		question,
		object.union(_act("administrator.remove"), {"remaining": []}),
	)
}

test_a_trial_is_about_a_synthetic_person if {
	every synthetic in [false, null, 5, ""] {
		admin.evaluate == _denied(["person_not_synthetic"]) with input as _with(object.union(
			_act("application.try"),
			{"subject": {"synthetic": synthetic}},
		))
	}
	admin.evaluate.reasons == ["person_not_synthetic"] with input as object.remove(_with(_act("application.try")), ["subject"])
}

test_the_most_telling_reason_comes_first_and_an_unlisted_one_last if {
	slugs := {"zzz", "aaa", "self_grant", "role_missing", "caller_unknown"}
	admin._by_precedence(slugs) == ["caller_unknown", "role_missing", "self_grant", "aaa", "zzz"]
	admin._by_precedence(set()) == []
}
