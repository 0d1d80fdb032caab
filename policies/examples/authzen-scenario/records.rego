# METADATA
# title: Who may do what with records
# description: |
#   The fixture of the certification scenario of OpenID AuthZEN 1.0: alice reads and writes, bob reads; an archived record is written by admins alone;
#   alice deletes softly. A bundle for kinds that Tilgang does not know: .manifest declares them, and the two rules that are asked.
package records

# METADATA
# title: May the subject do that to the record?
# description: Properties that are sent count before those that are kept.
# entrypoint: true
decision if {
	input.action.name in data.fixture.allowed[input.subject.id]
	_is_known
	not _is_locked
}

decision if {
	input.action.name == "write"
	_is_known
	_status == "archived"
	input.subject.properties.role == "admin"
}

decision if {
	input.action.name == "delete"
	input.action.properties.soft == true
	input.subject.id == "alice"
	_is_known
}

# An answer is a yes or a no.
default decision := false

_is_known if {
	data.fixture.users[input.subject.id]
	data.fixture.records[input.resource.id]
}

_is_locked if {
	input.action.name == "write"
	_status == "archived"
}

_status := object.get(input.resource, ["properties", "status"], data.fixture.records[input.resource.id].status)

# METADATA
# title: What may be meant where something is searched for
# description: Each of them is judged by decision before it is listed.
# entrypoint: true
candidates := [{"type": "user", "id": id, "properties": properties} | some id, properties in data.fixture.users] if {
	input.search == "subject"
} else := [{"type": "record", "id": id, "properties": properties} | some id, properties in data.fixture.records] if {
	input.search == "resource"
} else := [{"name": name} | some name in ["read", "write", "delete"]]
