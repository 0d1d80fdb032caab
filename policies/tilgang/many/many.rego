# METADATA
# title: For which organisations may each of many subjects use an application?
# description: |
#   What tilgang/access/search answers, for many subjects at once (schemas/many-input.json): lists of hundreds of persons are judged in one
#   evaluation. The conditions stand here once more, since a rule that both asked would be dearer to each request; many_test holds them to be the same.
# schemas:
#   - input: schema["many-input"]
package tilgang.many

import data.tilgang.grants

# METADATA
# title: The organisation numbers, a list for each subject
# description: In the order of the subjects, and each list in that of its grants. Without an instant, or with grants that are no list, there is no answer.
# entrypoint: true
search := [found |
	some subject in input.subjects
	found := [grant.konsument |
		input.application.state == "active"
		role := input.action.name
		role in input.application.roles
		time := input.context.time
		some grant in subject
		grants.covers(grant, role, time)
	]
] if {
	grants.is_instant(input.context.time)
	every subject in input.subjects {
		is_array(subject)
	}
}
