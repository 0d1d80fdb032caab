# METADATA
# title: Which of many grants let their persons use an application?
# description: |
#   What tilgang/access/search judges of each grant, of the grants of many persons at once (schemas/many-input.json): whoever asks about hundreds of persons
#   tells each kind of grant once. The conditions stand here once more, since a rule that both asked would be dearer to each request; many_test holds them
#   to be the same.
# schemas:
#   - input: schema["many-input"]
package tilgang.many

import data.tilgang.grants

# METADATA
# title: True or false for each of input.grants, in order
# description: Without an instant, or with grants that are no list, there is no answer.
# entrypoint: true
covers := [_covers(grant) | some grant in input.grants] if {
	grants.is_instant(input.context.time)
	is_array(input.grants)
}

# METADATA
# title: The same of grants of which the konsument is not told
# description: |
#   The grants of very many persons differ in little else, so that few kinds of them are left. Bundles whose rules look at the konsument leave this rule out,
#   and are asked `covers` instead.
# entrypoint: true
terms := covers

_covers(grant) if {
	input.application.state == "active"
	role := input.action.name
	role in input.application.roles
	grants.covers(grant, role, input.context.time)
} else := false
