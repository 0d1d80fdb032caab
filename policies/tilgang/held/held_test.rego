package tilgang.held_test

import data.tilgang.held

_now := "2026-11-21T12:00:00.000Z"

_application := {"state": "active", "roles": ["use", "admin"]}

_grant := {"roles": ["use", "admin"], "activated": true, "mayBeKonsument": true}

_input(grants) := {"application": _application, "grants": grants, "context": {"time": _now}}

_cases := [
	{"application": {}, "grant": {}, "roles": ["admin", "use"], "hindrances": []},
	{"application": {"state": "retired"}, "grant": {}, "roles": [], "hindrances": ["application_not_active"]},
	{"application": {"roles": ["use"]}, "grant": {}, "roles": ["use"], "hindrances": ["role_missing"]},
	{
		"application": {},
		"grant": {"until": _now, "activated": false},
		"roles": [],
		"hindrances": ["application_not_activated", "grant_expired"],
	},
	{"application": {}, "grant": {"roles": []}, "roles": [], "hindrances": []},
	{"application": {}, "grant": {"roles": null}, "roles": [], "hindrances": ["role_missing"]},
	{"application": {}, "grant": {"withdrawn": null}, "roles": [], "hindrances": ["grant_withdrawn"]},
]

test_roles_and_hindrances if {
	every case in _cases {
		question := object.union(_input([object.union(_grant, case.grant)]), {"application": case.application})
		held.roles == [{"roles": case.roles, "hindrances": case.hindrances}] with input as question
	}
}

test_in_an_application_that_is_not_registered_nothing_is_given if {
	answer := {"roles": [], "hindrances": ["application_not_active", "role_missing"]}
	held.roles == [answer, answer] with input as object.remove(_input([_grant, _grant]), ["application"])
}

test_an_odd_grant_gives_nothing_and_keeps_its_place if {
	answers := held.roles with input as _input([5, null, {}, _grant])
	count(answers) == 4
	every i in [0, 1, 2] {
		answers[i].roles == []
		"organisation_not_konsument" in answers[i].hindrances
	}
	answers[3].roles == ["admin", "use"]
}

test_withdrawn_and_expired_is_over if {
	cases := [
		{"grant": {}, "over": false},
		{"grant": {"from": "2027-01-01T00:00:00.000Z"}, "over": false},
		{"grant": {"until": "2026-11-21T12:00:00.001Z"}, "over": false},
		{"grant": {"until": _now}, "over": true},
		{"grant": {"until": null}, "over": true},
		{"grant": {"withdrawn": {"at": _now, "by": "operator"}}, "over": true},
		{"grant": {"withdrawn": false}, "over": true},
	]
	held.over == [case.over | some case in cases] with input as _input([case.grant | some case in cases])
	held.over == [true] with input as _input([{"until": _now, "withdrawn": {}}])
}

test_without_an_instant_or_a_list_there_is_no_answer if {
	every time in [null, "", "2026-11-21", 0] {
		question := object.union(_input([_grant]), {"context": {"time": time}})
		not held.roles with input as question
		not held.over with input as question
	}
	every grants in [null, 5, "", {}] {
		not held.roles with input as _input(grants)
		not held.over with input as _input(grants)
	}
}
