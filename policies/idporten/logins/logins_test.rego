package idporten.logins_test

import data.idporten.logins

_answer(known, blocked, high) := answer if {
	answer := logins.evaluate with input as {"person": {"id": "me", "known": known, "blocked": blocked, "highSince": high}}
}

test_the_blocked_have_no_level_and_the_unknown_no_answer if {
	_answer(true, false, true) == "yes"
	_answer(true, false, false) == "no"
	_answer(true, true, true) == "no"
	_answer(false, false, true) == "unknown"
	not logins.evaluate with input as {"person": {"known": true, "blocked": null, "highSince": true}}
	not logins.evaluate with input as {"person": {"known": true, "blocked": false, "highSince": null}}
	not logins.evaluate with input as {}
}
