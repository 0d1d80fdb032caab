package application_test

import data.application

_question := {
	"action": {"name": "use"},
	"grants": [{"konsument": "910000000", "roles": ["use"]}, {"konsument": "910000001", "roles": ["tilsyn"]}],
	"context": {"time": "2026-11-27T12:00:00.000Z", "securityLevel": "high"},
}

_at(time) := object.union(_question, {"context": {"time": time}})

test_in_office_hours_who_has_the_role_may_use_it if {
	application.search == {"910000000"} with input as _question
	application.reasons == {"910000001": {"role_missing"}} with input as _question
}

# In winter Oslo is one hour before UTC, in summer two.
test_the_hours_are_those_of_oslo[time] if {
	some time, found in {
		"2026-11-27T06:59:59.999Z": set(),
		"2026-11-27T07:00:00.000Z": {"910000000"},
		"2026-11-27T14:59:59.999Z": {"910000000"},
		"2026-11-27T15:00:00.000Z": set(),
		"2026-07-03T06:00:00.000Z": {"910000000"},
		"2026-07-03T13:59:59.999Z": {"910000000"},
		"2026-07-03T14:00:00.000Z": set(),
		"2026-11-28T12:00:00.000Z": set(),
		"2026-11-29T12:00:00.000Z": set(),
		"no instant": set(),
	}
	application.search == found with input as _at(time)
}

test_who_is_not_recognised_for_sure_may_not[level] if {
	some level in ["low", "substantial", "HIGH", ""]
	question := object.union(_question, {"context": {"securityLevel": level}})
	application.search == set() with input as question
	application.reasons["910000000"] == {"level_too_low"} with input as question
}

test_what_nobody_has_told_is_no_yes if {
	question := object.union(_question, {"context": {"securityLevel": null}})
	application.search == set() with input as question
	application.search == set() with input as {}
	application.reasons["910000001"] == {"level_too_low", "outside_office_hours", "role_missing"} with input as {
		"action": {"name": "use"},
		"grants": _question.grants,
		"context": {},
	}
}
