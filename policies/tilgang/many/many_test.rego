package tilgang.many_test

import data.tilgang.access
import data.tilgang.many

_time := "2026-11-21T12:00:00.000Z"

_grant(konsument, more) := object.union({"konsument": konsument, "roles": ["use"], "activated": true, "mayBeKonsument": true}, more)

_subjects := [
	[_grant("910000000", {}), _grant("910000001", {"until": _time}), _grant("910000002", {"roles": ["admin"]})],
	[],
	[_grant("910000000", {"withdrawn": {"at": _time, "by": "operator"}})],
	[_grant("910000001", {"activated": false}), _grant("910000003", {"from": _time})],
	[_grant("910000001", {"mayBeKonsument": false}), _grant("910000003", {"until": "2026-11-21T12:00:00.001Z"})],
]

_question(state, role) := {
	"application": {"id": "a", "state": state, "roles": ["use", "admin"]},
	"action": {"name": role},
	"context": {"time": _time},
}

test_many_are_judged_as_each_alone if {
	every state in ["active", "draft", "retired"] {
		every role in ["use", "admin", "other"] {
			alone := [found |
				some subject in _subjects
				found := access.search with input as object.union(_question(state, role), {"grants": subject, "subject": {"type": "person", "id": "me"}})
			]
			many.search == alone with input as object.union(_question(state, role), {"subjects": _subjects})
		}
	}
}

test_without_an_instant_or_lists_there_is_no_answer if {
	not many.search with input as object.union(_question("active", "use"), {"subjects": _subjects, "context": {"time": "now"}})
	not many.search with input as object.union(_question("active", "use"), {"subjects": [[], {}]})
}
