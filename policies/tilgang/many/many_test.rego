package tilgang.many_test

import data.tilgang.access
import data.tilgang.many

_time := "2026-11-21T12:00:00.000Z"

_grant(konsument, more) := object.union({"konsument": konsument, "roles": ["use"], "activated": true, "mayBeKonsument": true}, more)

_grants := [
	_grant("910000000", {}),
	_grant("910000001", {"until": _time}),
	_grant("910000002", {"roles": ["admin"]}),
	_grant("910000003", {"withdrawn": {"at": _time, "by": "operator"}}),
	_grant("910000004", {"activated": false}),
	_grant("910000005", {"from": _time}),
	_grant("910000006", {"mayBeKonsument": false}),
	_grant("910000007", {"until": "2026-11-21T12:00:00.001Z"}),
]

_question(state, role) := {
	"application": {"id": "a", "state": state, "roles": ["use", "admin"]},
	"action": {"name": role},
	"grants": _grants,
	"context": {"time": _time},
}

test_many_are_judged_as_in_a_search if {
	every state in ["active", "draft", "retired"] {
		every role in ["use", "admin", "other"] {
			question := _question(state, role)
			covered := many.covers with input as question
			found := access.search with input as object.union(question, {"subject": {"type": "person", "id": "me"}})
			count(covered) == count(_grants)
			[grant.konsument | some i, grant in _grants; covered[i]] == found
			terms := object.union(question, {"grants": [object.remove(grant, ["konsument"]) | some grant in _grants]})
			many.terms == covered with input as terms
		}
	}
}

test_without_an_instant_or_a_list_there_is_no_answer if {
	not many.covers with input as object.union(_question("active", "use"), {"context": {"time": "now"}})
	not many.covers with input as object.union(_question("active", "use"), {"grants": {}})
	many.covers == [] with input as object.union(_question("active", "use"), {"grants": []})
}
