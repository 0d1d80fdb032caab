package tilgang.held_test

import data.tilgang.held

_now := "2026-11-21T12:00:00.000Z"

_item := {
	"application": {"state": "active", "roles": ["use", "admin"]},
	"grant": {"roles": ["use", "admin"], "activated": true, "mayBeKonsument": true},
}

_cases := [
	{"change": {}, "roles": ["admin", "use"], "hindrances": []},
	{"change": {"application": {"state": "retired"}}, "roles": [], "hindrances": ["application_not_active"]},
	{"change": {"application": {"roles": ["use"]}}, "roles": ["use"], "hindrances": ["role_missing"]},
	{"change": {"grant": {"until": _now, "activated": false}}, "roles": [], "hindrances": ["application_not_activated", "grant_expired"]},
	{"change": {"grant": {"roles": []}}, "roles": [], "hindrances": []},
	{"change": {"grant": {"roles": null}}, "roles": [], "hindrances": ["role_missing"]},
	{"change": {"grant": {"withdrawn": null}}, "roles": [], "hindrances": ["grant_withdrawn"]},
]

_nothing := {
	"roles": [],
	"hindrances": [
		"application_not_activated",
		"application_not_active",
		"grant_expired",
		"grant_not_yet_valid",
		"organisation_not_konsument",
		"role_missing",
	],
}

test_answers_are_aligned_with_the_items if {
	items := [object.union(_item, case.change) | some case in _cases]
	answers := [{"roles": case.roles, "hindrances": case.hindrances} | some case in _cases]
	held.roles == answers with input as {"items": items, "context": {"time": _now}}
}

test_an_odd_item_gives_nothing_and_keeps_its_place if {
	held.roles[0] == _nothing with input as {"items": [{"grant": null}], "context": {"time": _now}}
	answers := held.roles with input as {"items": [5, null, {}, _item], "context": {"time": _now}}
	count(answers) == 4
	every i in [0, 1, 2] {
		answers[i].roles == []
		"organisation_not_konsument" in answers[i].hindrances
	}
	answers[3].roles == ["admin", "use"]
}

test_without_an_instant_or_a_list_there_is_no_answer if {
	every time in [null, "", "2026-11-21", 0] {
		not held.roles with input as {"items": [_item], "context": {"time": time}}
	}
	every items in [null, 5, "", {}] {
		not held.roles with input as {"items": items, "context": {"time": _now}}
	}
}
