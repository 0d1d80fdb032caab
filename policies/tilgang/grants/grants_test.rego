package tilgang.grants_test

import data.tilgang.grants

_now := "2026-11-21T12:00:00.000Z"

_grant := {"konsument": "910000000", "roles": ["use"], "activated": true, "mayBeKonsument": true}

_cases := [
	{"change": {}, "faults": set()},
	{"change": {"from": _now}, "faults": set()},
	{"change": {"from": "2026-11-21T12:00:00.001Z"}, "faults": {"grant_not_yet_valid"}},
	{"change": {"from": null}, "faults": {"grant_not_yet_valid"}},
	{"change": {"from": ""}, "faults": {"grant_not_yet_valid"}},
	{"change": {"until": _now}, "faults": {"grant_expired"}},
	{"change": {"until": "2026-11-21T12:00:00.001Z"}, "faults": set()},
	{"change": {"until": 5}, "faults": {"grant_expired"}},
	{"change": {"until": ["9999"]}, "faults": {"grant_expired"}},
	{"change": {"until": "9999"}, "faults": {"grant_expired"}},
	{"change": {"withdrawn": {"at": _now, "by": "operator"}}, "faults": {"grant_withdrawn"}},
	{"change": {"withdrawn": false}, "faults": {"grant_withdrawn"}},
	{"change": {"withdrawn": null}, "faults": {"grant_withdrawn"}},
	{"change": {"activated": "true"}, "faults": {"application_not_activated"}},
	{"change": {"mayBeKonsument": null}, "faults": {"organisation_not_konsument"}},
	{"change": {"roles": "use"}, "faults": {"role_missing"}},
	{"change": {"roles": [], "activated": false}, "faults": {"role_missing", "application_not_activated"}},
]

test_faults_are_named if {
	every case in _cases {
		grants.faults(object.union(_grant, case.change), "use", _now) == case.faults
	}
}

test_covers_exactly_without_faults if {
	every case in _cases {
		change := object.union(_grant, case.change)
		{true | grants.covers(change, "use", _now)} == {true | count(case.faults) == 0}
	}
}
