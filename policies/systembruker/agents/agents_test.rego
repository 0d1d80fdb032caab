package systembruker.agents_test

import data.systembruker.agents

_now := "2026-11-27T12:00:00.000Z"

_later := "2026-11-27T12:00:00.001Z"

_before := "2026-11-27T11:00:00.000Z"

_client := "910000000"

_provider := "910000001"

_relation(packages, more) := object.union({"packages": packages, "since": {name: _before | some name in packages}}, more)

_asked(client, since, given) := {
	"provider": _provider,
	"packages": ["a", "b"],
	"assignable": [],
	"candidates": [object.union({"client": client, "relations": given}, {key: value | some key, value in {"since": since}; is_string(value)})],
	"context": {"time": _now},
}

test_every_package_must_be_given if {
	cases := [
		{"given": [], "answer": {"given": [], "missing": ["a", "b"], "reasons": ["client_unknown"], "acts": false}},
		{"given": null, "answer": {"given": [], "missing": ["a", "b"], "reasons": ["client_unknown"], "acts": false}},
		{"given": [_relation(["a"], {})], "answer": {"given": ["a"], "missing": ["b"], "reasons": ["package_missing"], "acts": false}},
		{"given": [_relation(["c", "b", "a"], {})], "answer": {"given": ["a", "b", "c"], "missing": [], "reasons": [], "acts": true}},
		{
			"given": [_relation(["a"], {"until": _later}), _relation(["b"], {})],
			"answer": {"given": ["a", "b"], "missing": [], "reasons": [], "acts": true},
		},
		{
			"given": [_relation(["a"], {"until": _now}), _relation(["b"], {})],
			"answer": {"given": ["b"], "missing": ["a"], "reasons": ["package_missing"], "acts": false},
		},
		{
			"given": [_relation(["a", "b"], {"until": null})],
			"answer": {"given": [], "missing": ["a", "b"], "reasons": ["client_unknown"], "acts": false},
		},
	]
	every case in cases {
		agents.clients == [case.answer] with input as _asked(_client, _before, case.given)
	}
}

test_what_was_added_before_a_break_does_not_come_to_life_again if {
	given := [_relation(["a", "b"], {"since": {"a": _before, "b": _now}})]
	every since in [_before, null, "yesterday"] {
		agents.clients[0].acts == false with input as _asked(_client, since, given)
	}
	agents.clients[0].acts with input as _asked(_client, _now, given)
	odd := [_relation(["a", "b"], {"since": {"a": _before, "b": null}}), object.remove(_relation(["b"], {}), ["since"])]
	agents.clients[0].acts == false with input as _asked(_client, _now, odd)
	whole := array.concat(odd, [_relation(["b"], {})])
	agents.clients[0].acts with input as _asked(_client, _now, whole)
}

test_the_owner_itself_has_what_it_may_give_itself if {
	question := _asked(_provider, _before, [])
	not_all := object.union(question, {"assignable": ["a"]})
	all := object.union(question, {"assignable": ["b", "a"]})
	agents.clients == [{"given": ["a"], "missing": ["b"], "reasons": ["package_not_assignable"], "acts": false}] with input as not_all
	agents.clients == [{"given": ["a", "b"], "missing": [], "reasons": [], "acts": true}] with input as all

	# A relation with itself says nothing, and what one may give oneself says nothing of others.
	related := _asked(_provider, _before, [_relation(["a", "b"], {})])
	agents.clients[0].reasons == ["package_not_assignable"] with input as related
	agents.clients[0].acts == false with input as object.union(_asked(_client, _before, []), {"assignable": ["a", "b"]})
}

test_an_agent_without_packages_acts_for_nobody if {
	question := object.union(_asked(_client, _before, [_relation(["a"], {})]), {"packages": []})
	agents.clients[0].acts == false with input as question
	agents.clients[0].reasons == [] with input as question
}

test_nothing_is_answered_without_a_moment_or_candidates if {
	question := _asked(_client, _before, [])
	every change in [{"context": {"time": "now"}}, {"candidates": null}, {"packages": null}] {
		not agents.clients with input as object.union(question, change)
	}
}
