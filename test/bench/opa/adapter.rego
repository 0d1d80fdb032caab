# METADATA
# title: The Tilgang API's question, put to OPA's own server
# description: |
#   Grants are data by application and person, one look-up for each question. Two forms with the same answers: the one that costs OPA
#   least, and the one that has a grant judged by the gateway's own package, whose function calls cost OPA's interpreter twice as much.
#   An application that limits its clients is refused: none of the measured ones does.
package bench.opa

import data.tilgang.grants

# METADATA
# title: For which organisations may the person use the application? As an author would write it for OPA
# description: |
#   Only their numbers; the gateway answers kommune and tenant id beside them. The data has both bounds of each grant.
#   What is dear is written out or around: rules and functions of their own, references into data while a list is gone through, `in`.
default answer := {"allowed": false, "organisations": []}

answer := {"allowed": true, "organisations": [grant.konsument |
	application.state == "active"
	role in application.roles
	held := data.grants[input.app][input.person]
	some grant in held
	grant.activated
	grant.mayBeKonsument
	grant.roles[_] == role
	not grant.withdrawn
	grant.from <= time
	grant.until > time
]} if {
	application := data.applications[input.app]
	role := input.role
	time := input.time
	input.caller.kind == "machine"
	"ks:fiks" in input.caller.scopes
	input.caller.consumer == application.tilbyder
	not application.clients
}

# METADATA
# title: The same, each grant judged by the gateway's package
default answer_by_package := {"allowed": false, "organisations": []}

answer_by_package := {"allowed": true, "organisations": [grant.konsument |
	application.state == "active"
	input.role in application.roles
	some grant in data.grants[input.app][input.person]
	grants.covers(grant, input.role, input.time)
]} if {
	application := data.applications[input.app]
	input.caller.kind == "machine"
	"ks:fiks" in input.caller.scopes
	input.caller.consumer == application.tilbyder
	not application.clients
}
