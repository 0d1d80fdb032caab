package application_test

import data.application

_grant(konsument, roles) := {"konsument": konsument, "roles": roles, "activated": true, "mayBeKonsument": true}

_asked(role, grants) := {"action": {"name": role}, "grants": grants, "context": {"time": "2026-11-27T12:00:00.000Z"}}

test_use_needs_its_role_alone if {
	question := _asked("use", [_grant("910000000", ["use"]), _grant("910000001", ["tilsyn"])])
	application.search == {"910000000"} with input as question
	application.reasons == {"910000001": {"role_missing"}} with input as question
}

test_a_saksbehandler_needs_use_beside_it if {
	question := _asked("saksbehandler", [_grant("910000000", ["use", "saksbehandler"]), _grant("910000001", ["saksbehandler"])])
	application.search == {"910000000"} with input as question
	application.reasons == {"910000001": {"role_beside_missing"}} with input as question
}

test_overseeing_needs_two_organisations if {
	two := [_grant("910000000", ["tilsyn"]), _grant("910000001", ["tilsyn"])]
	application.search == {"910000000", "910000001"} with input as _asked("tilsyn", two)
	one := _asked("tilsyn", [two[0]])
	application.search == set() with input as one
	application.reasons == {"910000000": {"second_organisation_missing"}} with input as one
}

test_a_grant_that_does_not_count_is_not_the_second_one[name] if {
	some name, change in {
		"withdrawn": {"withdrawn": {"at": "2026-01-01T00:00:00.000Z", "by": "operator"}},
		"withdrawn in an odd way": {"withdrawn": false},
		"not yet": {"from": "2026-11-27T12:00:00.001Z"},
		"over": {"until": "2026-11-27T12:00:00.000Z"},
		"switched off": {"activated": false},
	}
	odd := object.union(_grant("910000001", ["tilsyn"]), change)
	application.search == set() with input as _asked("tilsyn", [_grant("910000000", ["tilsyn"]), odd])
}
