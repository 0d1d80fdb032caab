package tilgang.admin_test

import data.tilgang.admin

# The organisation asks for four eyes, and 30 days at most; the caller asks for something else.
_asking(change) := _with(object.union(_act("settings.change"), object.union({"settings": {"fourEyes": true, "longestGrantDays": 30}}, change)))

_off := {"asked": {"fourEyes": false, "longestGrantDays": 30}}

_confirming(change) := _with(object.union(_act("settings.confirm"), change))

test_what_loosens_a_rule_for_two_needs_two if {
	cases := [
		{"asked": {"fourEyes": false, "longestGrantDays": 30}, "two": true},
		{"asked": {"fourEyes": true, "longestGrantDays": 31}, "two": true},
		{"asked": {"fourEyes": true}, "two": true},
		{"asked": {"fourEyes": false, "longestGrantDays": 1}, "two": true},
		{"asked": {"fourEyes": true, "longestGrantDays": 30}, "two": false},
		{"asked": {"fourEyes": true, "longestGrantDays": 1}, "two": false},
		{"asked": {"longestGrantDays": 1}, "two": true},
		{"asked": {"fourEyes": 5, "longestGrantDays": 1}, "two": true},
		{"asked": {"fourEyes": true, "longestGrantDays": "1"}, "two": true},
		{"asked": {"fourEyes": true, "longestGrantDays": null}, "two": true},
		{"asked": null, "two": true},
	]
	every case in cases {
		answer := admin.evaluate with input as _asking({"asked": case.asked})
		answer.allowed
		answer.needsTwo == case.two
	}
	unlimited := _with(object.union(_act("settings.change"), {"settings": {"fourEyes": true}, "asked": {"fourEyes": true, "longestGrantDays": 9}}))
	admin.evaluate.needsTwo == false with input as unlimited
}

test_without_four_eyes_one_is_enough if {
	every settings in [null, {"fourEyes": false}, {"fourEyes": false, "longestGrantDays": 1}] {
		question := _asking({"settings": settings, "asked": {"fourEyes": true}, "staff": []})
		admin.evaluate.allowed with input as _with(object.union(object.remove(question, ["settings"]), {"settings": settings}))
	}
	off := _with(object.union(_act("settings.change"), {"settings": null, "asked": {"fourEyes": false}, "staff": []}))
	admin.evaluate.allowed with input as off
	admin.evaluate.needsTwo == false with input as off
	every act in ["settings.read", "settings.reject", "settings.confirm"] {
		admin.evaluate.needsTwo == false with input as _asking(object.union(_off, _act(act)))
	}
}

test_settings_of_an_odd_shape_need_two if {
	every settings in [5, "", {}, {"fourEyes": null}, {"fourEyes": true, "longestGrantDays": null}, {"fourEyes": true, "longestGrantDays": "9"}] {
		question := object.union(object.remove(_asking({"asked": {"fourEyes": true, "longestGrantDays": 1}}), ["settings"]), {"settings": settings})
		admin.evaluate.needsTwo with input as question
	}
	admin.evaluate.needsTwo with input as object.remove(_asking({"asked": {"fourEyes": true, "longestGrantDays": 1}}), ["settings"])
}

test_before_it_is_known_what_is_asked_only_the_right_is_asked_for if {
	question := object.remove(_asking({"staff": []}), ["asked"])
	admin.evaluate.allowed with input as question
	admin.evaluate.needsTwo with input as question
}

test_who_asks_is_settled_and_another_such_one_can_confirm if {
	me := _one("me", {})
	cases := [
		{"staff": [me, _one("other", {})], "reasons": []},
		{"staff": [me, _one("other", {"daysBefore": 0, "givenBy": "operator"})], "reasons": []},
		{"staff": [_one("me", {"daysBefore": 0, "givenBy": "operator"}), _one("other", {})], "reasons": []},
		{"staff": [me, _one("other", {"until": _later, "from": _now})], "reasons": []},
		{"staff": [me], "reasons": ["second_person_missing"]},
		{"staff": [me, me], "reasons": ["second_person_missing"]},
		{"staff": [], "reasons": ["not_one_of_two", "second_person_missing"]},
		{"staff": null, "reasons": ["not_one_of_two", "second_person_missing"]},
		{"staff": [_one("other", {})], "reasons": ["not_one_of_two"]},
		{"staff": [_one("me", {"daysBefore": 13.9}), _one("other", {})], "reasons": ["not_one_of_two"]},
	]
	every case in cases {
		answer := admin.evaluate with input as _asking(object.union(_off, {"staff": case.staff}))
		answer.reasons == case.reasons
		answer.needsTwo == {true: true, false: false}[count(case.reasons) == 0]
	}
}

# Each of these keeps somebody from being one of the two.
_unfit := [
	{"daysBefore": 13.999}, {"daysBefore": -1}, {"daysBefore": null}, {"daysBefore": "15"}, {"givenBy": "Operator", "daysBefore": 0},
	{"roles": ["tilgangsadministrator"]}, {"roles": []}, {"roles": null}, {"applications": ["a"]}, {"applications": []}, {"applications": null},
	{"mayGive": ["use"]}, {"mayGive": null}, {"from": _later}, {"until": _now}, {"until": 5},
	{"withdrawn": {"at": _now, "by": "me"}}, {"withdrawn": null},
]

test_who_is_new_limited_or_not_in_force_is_none_of_the_two if {
	every change in _unfit {
		alone := _asking(object.union(_off, {"staff": [_one("me", {}), _one("other", change)]}))
		admin.evaluate.reasons == ["second_person_missing"] with input as alone
		unfit := _asking(object.union(_off, {"staff": [_one("me", change), _one("other", {})]}))
		admin.evaluate.reasons == ["not_one_of_two"] with input as unfit
		gone := _confirming({"staff": [_one("me", {}), _one("asker", change)]})
		admin.evaluate.reasons == ["asker_gone"] with input as gone
		late := _confirming({"staff": [_one("me", change), _one("asker", {})]})
		admin.evaluate.reasons == ["not_one_of_two"] with input as late
	}
	every subject in [null, 5, ""] {
		nobody := _asking(object.union(_off, {"staff": [_one("me", {}), _one(subject, {})]}))
		admin.evaluate.reasons == ["second_person_missing"] with input as nobody
	}
}

test_another_one_confirms_what_waits if {
	admin.evaluate.allowed with input as _confirming({})
	mine := {"pending": {"askedBy": "me"}}
	cases := [
		{"change": mine, "reasons": ["second_person_needed"]},
		{"change": {"pending": {"until": _now}}, "reasons": ["nothing_pending"]},
		{"change": {"pending": {"until": "9"}}, "reasons": ["nothing_pending"]},
		{"change": {"pending": {"askedBy": "stranger"}}, "reasons": ["asker_gone"]},
		{"change": {"pending": {"askedBy": ""}, "staff": [_one("me", {}), _one("", {})]}, "reasons": ["second_person_needed"]},
		{"change": {"pending": null}, "reasons": ["nothing_pending", "asker_gone", "second_person_needed"]},
		{"change": {"staff": null}, "reasons": ["asker_gone", "not_one_of_two"]},
		{"change": _assigned([]), "reasons": ["organisation_foreign"]},
	]
	every case in cases {
		admin.evaluate.reasons == case.reasons with input as _confirming(case.change)
	}
	admin.evaluate.reasons == ["person_needed"] with input as _of_machine(_act("settings.confirm"))
	admin.evaluate.reasons == ["role_missing"] with input as _of_operator(_act("settings.confirm"))
}

test_whoever_may_change_settings_rejects_what_waits if {
	every pending in [null, {"askedBy": "me", "until": _later}, {"askedBy": "asker", "until": _now}] {
		admin.evaluate.allowed with input as _with(object.union(_act("settings.reject"), {"pending": pending, "staff": []}))
	}
}
