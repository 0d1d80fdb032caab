package records_test

import data.records

asked(subject, action, resource) := {
	"subject": {"type": "user", "id": subject},
	"action": {"name": action},
	"resource": {"type": "record", "id": resource},
}

test_identifiers_decide if {
	records.decision with input as asked("alice", "read", "record-1")
	records.decision with input as asked("alice", "write", "record-1")
	records.decision with input as asked("bob", "read", "record-1")
	not records.decision with input as asked("bob", "write", "record-1")
}

test_what_is_archived_is_for_admins if {
	archived := {"type": "record", "id": "record-2", "properties": {"status": "archived"}}
	not records.decision with input as object.union(asked("alice", "write", "record-2"), {"resource": archived})
	admin := {"type": "user", "id": "bob", "properties": {"role": "admin"}}
	records.decision with input as object.union(asked("bob", "write", "record-2"), {"subject": admin, "resource": archived})
}

test_alice_deletes_softly if {
	records.decision with input as object.union(asked("alice", "delete", "record-1"), {"action": {"name": "delete", "properties": {"soft": true}}})
	not records.decision with input as object.union(asked("alice", "delete", "record-1"), {"action": {"name": "delete", "properties": {"soft": false}}})
}

test_nobody_knows_nothing if {
	not records.decision with input as asked("nobody", "read", "record-1")
	not records.decision with input as asked("alice", "read", "record-3")
}

test_everything_may_be_meant if {
	count(records.candidates) == 2 with input as {"search": "subject"}
	count(records.candidates) == 2 with input as {"search": "resource"}
	count(records.candidates) == 3 with input as {"search": "action"}
}
