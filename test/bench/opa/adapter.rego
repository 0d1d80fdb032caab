# METADATA
# title: The Tilgang API's question, put to OPA's own server
# description: |
#   Grants are data by application and person, one look-up for each question; what a grant gives is judged by data.tilgang.grants, as in the gateway.
#   The caller's part is written out, since `with input as` over data.tilgang.access costs OPA a third more and its author would not write it so.
#   An application that limits its clients is refused: none of the measured ones does.
package bench.opa

import data.tilgang.grants

# METADATA
# title: For which organisations may the person use the application?
# description: Only their numbers; the gateway answers kommune and tenant id beside them.
default answer := {"allowed": false, "organisations": []}

answer := {"allowed": true, "organisations": [grant.konsument |
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
