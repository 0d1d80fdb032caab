# METADATA
# title: What is told of persons of the contact register
# description: To whom, and which fields, idporten.krr says; it is asked first.
# schemas:
#   - input: schema["krr-view-input"]
package idporten.contacts

import data.idporten.moments

# METADATA
# title: What is told of each of many persons
# description: |
#   In the order of the persons, a word each: left_out (nothing), unregistered and deleted (no more than that),
#   notifiable and unnotifiable (all that the caller's fields are). A person of an odd shape has no word, so that the answer is too short to be one.
# entrypoint: true
view := [word |
	some person in input.persons
	word := _word(person, oldest)
] if {
	oldest := moments.months_before(input.context.time, _months_fresh)
}

# eForvaltningsforskriften § 32: a channel that has been neither changed nor confirmed for so long does not reach anybody for sure.
_months_fresh := 18

_word(person, oldest) := "left_out" if {
	person == null
	input.includesUnregistered == false
} else := "unregistered" if {
	person == null
	input.includesUnregistered == true
} else := "deleted" if {
	person.status == "SLETTET"
} else := "notifiable" if {
	person.status == "AKTIV"
	person.reserved == false
	some channel in person.channels
	some at in channel
	at >= oldest
} else := "unnotifiable" if {
	person.status == "AKTIV"
	is_boolean(person.reserved)
	is_array(person.channels)
}
