package authz_test

import data.authz

test_alice_may if {
	authz.allow with input as {"subject": "alice"}
	not authz.allow with input as {"subject": "bob"}
	not authz.allow with input as {}
}

test_subjects_are_greeted if {
	authz.greeting == {"to": "bob"} with input as {"subject": "bob"}
	not authz.greeting with input as {}
}
