# METADATA
# title: Opened step by step, by a list of organisations
# description: |
#   data.json says for which organisations the application is open, and from which day on. To open it for more, add a line and ship the
#   bundle: no rule is touched. Keys of data are texts, and so are organisation numbers.
# schemas:
#   - input: schema["access-input"]
package application

# METADATA
# title: For which of the organisations may the person use the application now?
# description: Those in the list whose day has come, whose grant carries the role that is asked for.
# entrypoint: true
search contains grant.konsument if {
	some grant in input.grants
	_is_open(grant.konsument)
	input.action.name in grant.roles
}

# METADATA
# title: Why not, for each organisation that is not open
# description: A set of slugs for each organisation number.
# entrypoint: true
reasons[konsument] contains "not_open_yet" if {
	some grant in input.grants
	konsument := grant.konsument
	not _is_open(konsument)
}

# A day without a time begins at midnight UTC; texts of this form are in the order of time.
_is_open(konsument) if data.opening[konsument] <= input.context.time
