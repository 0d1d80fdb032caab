# METADATA
# title: What is answered of a person's logins
# description: To whom, and since when, idporten.authlevel says; it is asked first.
# schemas:
#   - input: schema["authlevel-person-input"]
package idporten.logins

# METADATA
# title: Has the person logged in at level high since then?
# description: |
#   unknown if there is no such user; no for one who is blocked, whatever there was. An odd shape has no answer.
# entrypoint: true
evaluate := "unknown" if {
	input.person.known == false
} else := "no" if {
	input.person.known == true
	input.person.blocked == true
} else := "yes" if {
	input.person.known == true
	input.person.blocked == false
	input.person.highSince == true
} else := "no" if {
	input.person.known == true
	input.person.blocked == false
	input.person.highSince == false
}
