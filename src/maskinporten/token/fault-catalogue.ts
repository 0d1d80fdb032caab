/** A text in the two languages of the pages. */
export interface PageText {
  readonly nb: string;
  readonly en: string;
}

/** How an entry answers; see the table of docs/maskinporten.md. */
export interface FaultEntry {
  readonly status: 400 | 403;
  /** RFC 6749 §5.2, RFC 8707 §2, RFC 9396 §5; `forbidden` and `invalid_altinn_customer_configuration` are Maskinporten's own. */
  readonly error:
    | 'invalid_request'
    | 'invalid_grant'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'invalid_scope'
    | 'invalid_target'
    | 'invalid_authorization_details'
    | 'invalid_altinn_customer_configuration'
    | 'forbidden';
  /** Maskinporten's own words, which clients log and search for; what stands in braces is filled in. */
  readonly text: string;
  /** What it means, and what to do. */
  readonly meaning: PageText;
  readonly remedy: PageText;
}

const AUTHENTICATION = 'Invalid assertion. Client authentication failed.';

const entries = {
  'MP-011': {
    status: 400,
    error: 'invalid_request',
    text: 'Invalid assertion. Invalid parameter value: {detail}',
    meaning: {
      nb: 'JWT-grantet er ikke en signert JWT slik den skal se ut, eller et felt i den har en ugyldig verdi.',
      en: 'The JWT grant is no signed JWT of the form that is asked for, or a field in it has a value that is not allowed.',
    },
    remedy: {
      nb: 'Meldingen sier hvilket felt det gjelder. Se etter skrivefeil og utilsiktede linjeskift.',
      en: 'The message names the field. Look for misspellings and line breaks that were not meant.',
    },
  },
  'MP-012': {
    status: 400,
    error: 'invalid_grant',
    text: 'Grant is used before',
    meaning: {
      nb: 'JWT-grantet, eller et annet med samme jti fra samme klient, er brukt før.',
      en: 'The JWT grant, or another one with the same jti from the same client, has been used before.',
    },
    remedy: {
      nb: 'Lag et nytt JWT-grant med en ny, tilfeldig jti for hver forespørsel.',
      en: 'Make a new JWT grant with a new random jti for each request.',
    },
  },
  'MP-100': {
    status: 400,
    error: 'invalid_grant',
    text: AUTHENTICATION,
    meaning: {
      nb: 'Det finnes ingen aktiv klient med denne client_id-en (iss) i dette miljøet.',
      en: 'There is no active client with this client id (iss) in this environment.',
    },
    remedy: {
      nb: 'Sjekk at iss er klientens client_id, at klienten er aktiv, og at den er laget i dette miljøet.',
      en: 'Check that iss is the client id of the client, that the client is active, and that it was made in this environment.',
    },
  },
  'MP-110': {
    status: 400,
    error: 'invalid_grant',
    text: `${AUTHENTICATION} Invalid JWT claim aud`,
    meaning: {
      nb: 'aud i JWT-grantet er ikke navnet på denne utstederen.',
      en: 'The aud of the JWT grant is not the name of this issuer.',
    },
    remedy: {
      nb: 'Sett aud til utstederens navn som én tekst, med skråstrek til slutt: «issuer» i metadataene. Adressen til token-endepunktet tas ikke imot.',
      en: 'Set aud to the name of the issuer as one string, with the slash at its end: `issuer` of the metadata. The address of the token endpoint is not taken.',
    },
  },
  'MP-120': {
    status: 400,
    error: 'invalid_grant',
    text: `${AUTHENTICATION} The JWT is signed with an invalid certificate: {detail}`,
    meaning: {
      nb: 'Virksomhetssertifikatet er ikke gyldig her: utløpt, tilbakekalt, til annen bruk enn signering, eller utstedt av noen som dette miljøet ikke stoler på.',
      en: 'The organisation certificate is not valid here: expired, revoked, not for signatures, or issued by one that this environment does not trust.',
    },
    remedy: {
      nb: 'Bruk et gyldig virksomhetssertifikat, testsertifikat i test og produksjonssertifikat i produksjon, og send hele kjeden i x5c.',
      en: 'Use a valid organisation certificate, a test one for testing and a production one for production, and send the whole chain in x5c.',
    },
  },
  'MP-121': {
    status: 400,
    error: 'invalid_grant',
    text: `${AUTHENTICATION} Expired key`,
    meaning: {
      nb: 'Nøkkelen på klienten er utløpt. Nøkler varer i høyst ett år fra de blir lagt inn.',
      en: 'The key of the client has expired. Keys last for one year at most from when they are registered.',
    },
    remedy: {
      nb: 'Legg inn en ny nøkkel på klienten, eller den samme en gang til.',
      en: 'Register a new key on the client, or the same one once more.',
    },
  },
  'MP-122': {
    status: 400,
    error: 'invalid_grant',
    text: 'Invalid JWT. Invalid organization number for client. Does not match certificate orgno',
    meaning: {
      nb: 'Virksomhetssertifikatet er utstedt til et annet organisasjonsnummer enn klientens.',
      en: 'The organisation certificate is issued to another organisation number than the client’s.',
    },
    remedy: {
      nb: 'Bruk et sertifikat for klientens organisasjonsnummer, eller en klient som hører til sertifikatets.',
      en: 'Use a certificate of the client’s organisation number, or a client of the certificate’s.',
    },
  },
  'MP-123': {
    status: 400,
    error: 'invalid_grant',
    text: 'Invalid JWT header x5c: {detail}',
    meaning: { nb: 'x5c i JWT-headeren har feil form.', en: 'The x5c of the JWT header has a wrong form.' },
    remedy: {
      nb: 'Send en liste av tekster: hvert sertifikat som DER i vanlig base64, virksomhetens eget først, så dets utstedere.',
      en: 'Send an array of strings: each certificate as DER in plain base64, the organisation’s own first, then its issuers.',
    },
  },
  'MP-124': {
    status: 400,
    error: 'invalid_grant',
    text: 'Invalid JWT signature',
    meaning: {
      nb: 'Signaturen passer ikke til JWT-grantet og nøkkelen.',
      en: 'The signature does not fit the JWT grant and the key.',
    },
    remedy: {
      nb: 'Signer med den private nøkkelen som hører til kid eller sertifikatet, med algoritmen som står i alg, og endre ikke JWT-en etterpå.',
      en: 'Sign with the private key that belongs to the kid or the certificate, by the algorithm that alg names, and do not alter the JWT afterwards.',
    },
  },
  'MP-130': {
    status: 400,
    error: 'invalid_grant',
    text: 'JWT is expired',
    meaning: { nb: 'JWT-grantet er utløpt (exp).', en: 'The JWT grant has expired (exp).' },
    remedy: {
      nb: 'Lag et nytt JWT-grant rett før hver forespørsel, og synkroniser klokken på maskinen.',
      en: 'Make a new JWT grant right before each request, and synchronise the machine’s clock.',
    },
  },
  'MP-200': {
    status: 400,
    error: 'invalid_scope',
    text: 'Token request contains invalid scopes for client: {detail}',
    meaning: {
      nb: 'Et av scopene er ikke registrert på klienten, eller finnes ikke lenger. Det gis heller ikke token for de andre.',
      en: 'One of the scopes is not registered on the client, or is no longer there. No token is given for the others either.',
    },
    remedy: {
      nb: 'Registrer scopet på klienten, også når det er åpent for alle, og se etter skrivefeil: store og små bokstaver teller.',
      en: 'Register the scope on the client, also if it is open to all, and look for misspellings: letter case counts.',
    },
  },
  'token-too-long': {
    status: 400,
    error: 'invalid_scope',
    text: 'Token request contains too many scopes for one token: it would be longer than {detail} characters',
    meaning: {
      nb: 'Tokenet går i en HTTP-header, og med så mange scopes blir det lengre enn det som tas imot.',
      en: 'The token goes into an HTTP header, and with so many scopes it would be longer than what is taken there.',
    },
    remedy: {
      nb: 'Be om færre scopes av gangen: ett token for hvert API er nok.',
      en: 'Ask for fewer scopes at a time: one token for each API is enough.',
    },
  },
  'MP-201': {
    status: 400,
    error: 'invalid_scope',
    text: 'Token request contains scopes not allowed for {detail}',
    meaning: {
      nb: 'Scopet tar ikke imot klienter av denne integrasjonstypen.',
      en: 'The scope does not take clients of this integration type.',
    },
    remedy: { nb: 'Lag en ny klient med riktig integrasjonstype.', en: 'Make a new client of the right integration type.' },
  },
  'MP-250': {
    status: 403,
    error: 'forbidden',
    text: 'Consumer has not been granted access to the scope {scope}',
    meaning: {
      nb: 'Konsumenten har ikke, eller ikke lenger, tilgang til scopet.',
      en: 'The consumer has no access to the scope, or no longer.',
    },
    remedy: {
      nb: 'Be API-tilbyderen om tilgang for konsumentens organisasjonsnummer.',
      en: 'Ask the API provider for access for the consumer’s organisation number.',
    },
  },
  'MP-251': {
    status: 403,
    error: 'forbidden',
    text: 'Consumer {consumer} has not delegated access to the scope {scope} to supplier {supplier}',
    meaning: {
      nb: 'Konsumenten har ikke delegert scopet til leverandøren, eller delegeringen er trukket tilbake eller utløpt.',
      en: 'The consumer has not delegated the scope to the supplier, or the delegation has been withdrawn or has ended.',
    },
    remedy: { nb: 'Konsumenten delegerer scopet til leverandøren.', en: 'The consumer delegates the scope to the supplier.' },
  },
  'MP-301': {
    status: 400,
    error: 'invalid_authorization_details',
    text: 'Unknown authorization details type',
    meaning: {
      nb: 'En type i authorization_details er ukjent her.',
      en: 'A type in authorization_details is not known here.',
    },
    remedy: {
      nb: 'Bruk en av typene i «authorization_details_types_supported» i utstederens metadata.',
      en: 'Use one of `authorization_details_types_supported` of the issuer’s metadata.',
    },
  },
  'MP-302': {
    status: 400,
    error: 'invalid_authorization_details',
    text: 'Unknown fields in the authorization details',
    meaning: {
      nb: 'authorization_details har felter som typen ikke kjenner.',
      en: 'The authorization_details have fields that the type does not know.',
    },
    remedy: { nb: 'Ta bort feltene.', en: 'Take the fields away.' },
  },
  'MP-303': {
    status: 400,
    error: 'invalid_authorization_details',
    text: 'Invalid authorization details values: {detail}',
    meaning: { nb: 'En verdi i authorization_details kan ikke brukes.', en: 'A value in authorization_details cannot be used.' },
    remedy: { nb: 'Meldingen sier hvilken verdi det gjelder.', en: 'The message says which value it is.' },
  },
  // Maskinporten has one code for both; clients tell them apart by the error.
  'system-user-not-found': {
    status: 400,
    error: 'invalid_altinn_customer_configuration',
    text: 'MP-303: No system user fits the client and the authorization details: {detail}',
    meaning: {
      nb: 'Klienten, virksomheten og eventuell externalRef passer ikke til noen systembruker som er godkjent og i bruk.',
      en: 'Client, business and externalRef, if any, fit no system user that is approved and in use.',
    },
    remedy: {
      nb: 'Meldingen sier hva som ikke passer. Kunden godkjenner forespørselen eller aktiverer systembrukeren igjen; leverandøren retter systemet eller det som sendes.',
      en: 'The message says what does not fit. The customer approves the request or activates the system user again; the vendor mends the system or what is sent.',
    },
  },
  'invalid-form': {
    status: 400,
    error: 'invalid_request',
    text: 'Invalid request: {detail}',
    meaning: {
      nb: 'Forespørselen er ikke et skjema med akkurat de to parametrene grant_type og assertion.',
      en: 'The request is no form with exactly the two parameters grant_type and assertion.',
    },
    remedy: {
      nb: 'Send POST med Content-Type application/x-www-form-urlencoded, uten parametre i adressen.',
      en: 'Send a POST with the Content-Type application/x-www-form-urlencoded, and no parameters in the address.',
    },
  },
  'unsupported-grant-type': {
    status: 400,
    error: 'unsupported_grant_type',
    text: 'Unsupported grant type: grant_type must be urn:ietf:params:oauth:grant-type:jwt-bearer',
    meaning: { nb: 'Bare JWT-bearer-grantet (RFC 7523) tas imot.', en: 'Only the JWT-bearer grant (RFC 7523) is taken.' },
    remedy: {
      nb: 'Sett grant_type til urn:ietf:params:oauth:grant-type:jwt-bearer.',
      en: 'Set grant_type to urn:ietf:params:oauth:grant-type:jwt-bearer.',
    },
  },
  'unknown-key': {
    status: 400,
    error: 'invalid_grant',
    text: 'Unknown key identifier (kid) for client.',
    meaning: { nb: 'Klienten har ingen nøkkel med denne kid-en.', en: 'The client has no key with this kid.' },
    remedy: {
      nb: 'Sjekk hvilke nøkler klienten har. En nøkkel på en annen klient gjelder ikke her.',
      en: 'Look which keys the client has. A key of another client does not count here.',
    },
  },
  'registered-key-required': {
    status: 400,
    error: 'invalid_grant',
    text: `${AUTHENTICATION} Client requires pre-registered jwk: name its key by kid`,
    meaning: {
      nb: 'Klienten har registrerte nøkler, og da må en av dem brukes.',
      en: 'The client has registered keys, and so one of them must be used.',
    },
    remedy: {
      nb: 'Send kid i headeren i stedet for x5c, eller ta bort klientens nøkler om virksomhetssertifikatet skal brukes.',
      en: 'Send kid in the header instead of x5c, or remove the keys of the client if the organisation certificate is to be used.',
    },
  },
  'issued-later': {
    status: 400,
    error: 'invalid_grant',
    text: 'Issue time is after now',
    meaning: { nb: 'iat (eller nbf) ligger frem i tid.', en: 'The time iat (or nbf) lies in the future.' },
    remedy: {
      nb: 'Synkroniser klokken på maskinen; 10 sekunder tåles.',
      en: 'Synchronise the machine’s clock; 10 seconds are tolerated.',
    },
  },
  'lifetime-too-long': {
    status: 400,
    error: 'invalid_grant',
    text: 'JWT has too long lifetime. exp must be at most {detail} seconds after iat',
    meaning: {
      nb: 'Det er for lang tid mellom iat og exp i JWT-grantet.',
      en: 'There is too much time between iat and exp of the JWT grant.',
    },
    remedy: {
      nb: 'Sett exp nærmere iat. Hvor lenge access-tokenet varer, har ikke noe med dette å gjøre.',
      en: 'Set exp closer to iat. How long the access token lasts has nothing to do with this.',
    },
  },
  'grant-type-not-registered': {
    status: 400,
    error: 'unauthorized_client',
    text: 'Client is not registered for this grant type',
    meaning: { nb: 'Klienten er ikke registrert for JWT-bearer-grantet.', en: 'The client is not registered for the JWT-bearer grant.' },
    remedy: {
      nb: 'Legg urn:ietf:params:oauth:grant-type:jwt-bearer til klientens grant_types, eller bruk en annen klient.',
      en: 'Add urn:ietf:params:oauth:grant-type:jwt-bearer to the grant_types of the client, or use another client.',
    },
  },
  'consumer-not-combinable': {
    status: 400,
    error: 'invalid_request',
    text: 'Validation of JWT claim failed: The combination consumer_org in claim and delegation scope on client is invalid',
    meaning: {
      nb: 'consumer_org er klientens eget organisasjonsnummer, eller klienten er laget for én kunde og kan ikke be om token for en annen.',
      en: 'consumer_org is the client’s own organisation number, or the client was made for one customer and cannot ask for another.',
    },
    remedy: { nb: 'Ta bort consumer_org.', en: 'Leave consumer_org out.' },
  },
  'onbehalfof-unknown': {
    status: 400,
    error: 'invalid_grant',
    text: 'Unknown iss_onbehalfof for client',
    meaning: { nb: 'Verdien er ikke registrert på klienten.', en: 'The value is not registered on the client.' },
    remedy: {
      nb: 'Registrer verdien på klienten, eller bruk consumer_org og delegering.',
      en: 'Register the value on the client, or use consumer_org and delegation.',
    },
  },
  'scope-not-delegable': {
    status: 400,
    error: 'invalid_scope',
    text: 'The scope {scope} has no delegation source and cannot be used with consumer_org',
    meaning: { nb: 'Scopet kan ikke delegeres.', en: 'The scope cannot be delegated.' },
    remedy: {
      nb: 'API-tilbyderen setter delegation_source på scopet, eller klienten bruker sin egen tilgang uten consumer_org.',
      en: 'The API provider sets delegation_source on the scope, or the client uses an access of its own without consumer_org.',
    },
  },
  'scope-only-delegated': {
    status: 400,
    error: 'invalid_scope',
    text: 'The scope {scope} has a delegation source and cannot be used with iss_onbehalfof',
    meaning: {
      nb: 'Scopet brukes på vegne av andre bare når de har delegert det.',
      en: 'The scope is used on behalf of others only if they have delegated it.',
    },
    remedy: { nb: 'Bruk consumer_org.', en: 'Use consumer_org.' },
  },
  'audience-not-allowed': {
    status: 400,
    error: 'invalid_target',
    text: 'The scopes belong to another audience than the token is asked for: {detail}',
    meaning: {
      nb: 'Scopene krever bestemte mottakere (aud), og de passer ikke sammen eller ikke med resource.',
      en: 'The scopes ask for certain audiences (aud), and these do not fit each other or the resource.',
    },
    remedy: {
      nb: 'Be om ett token for hver mottaker, og la resource være borte eller lik mottakeren.',
      en: 'Ask for one token for each audience, and leave resource out or make it the audience.',
    },
  },
} as const satisfies Readonly<Record<string, FaultEntry>>;

/** What a fault is called: Maskinporten's code, or a name of ours where it has none. */
export type FaultName = keyof typeof entries;

/** All faults of the token endpoint. */
export const faultCatalogue: Readonly<Record<FaultName, FaultEntry>> = entries;

/** Whether a text names a fault. */
export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(entries, text);
}
