# METADATA
# title: Who may use the application
# description: |
#   The gateway asks search when somebody logs in, with the person's grants (schemas/access-input.json). It answers what both this
#   rule and the gateway's own allow: this one can be stricter than the grants, never looser.
# schemas:
#   - input: schema["access-input"]
package application

# METADATA
# title: For which of the organisations may the person use the application now?
# description: Those whose grant carries the role that is asked for.
# entrypoint: true
search contains grant.konsument if {
	some grant in input.grants
	input.action.name in grant.roles
}

# METADATA
# title: Why not, for each organisation that is not among them
# description: A set of slugs for each organisation number. Only asked when somebody wants an explanation.
# entrypoint: true
reasons[konsument] contains "role_missing" if {
	some grant in input.grants
	not input.action.name in grant.roles
	konsument := grant.konsument
}
