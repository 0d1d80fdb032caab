import t from 'tap';
import { BuiltinError, type Evaluation, loadBuiltins, parseJson, type RegoObject, readRego, type Term, writeJson } from '#policy';

const { ownBuiltins } = await loadBuiltins();

const evaluation: Evaluation = { nowNs: 1_800_000_000_000_000_000n, once: (_key, make) => make() };

/** What a built-in answers; `undefined` where it has no value. */
function answer(name: string, args: readonly Term[]): string | undefined {
  try {
    const value = ownBuiltins[name]?.(args, evaluation);
    return value === undefined ? undefined : writeJson(value);
  } catch (cause) {
    if (cause instanceof BuiltinError) return undefined;
    throw cause;
  }
}

// What `opa eval` of OPA 1.22 answers, sets as arrays: [built-in, arguments in Rego, answer in JSON]. Its own cases (conformance.test.ts) have many more.
const FACTS: readonly (readonly [string, string, string | undefined])[] = [
  ['regex.split', '"x*", "axbxc"', '["a","b","c"]'],
  ['regex.split', '"", ""', '[]'],
  ['regex.split', '"z*", ""', '[""]'],
  ['regex.find_n', '"x*", "axb", -1', '["","x",""]'],
  ['regex.replace', '"foo bar", "(?P<o>o+)", "<$o>$oo$$"', '"f<oo>$ bar"'],
  ['regex.replace', '"-wy-wxxy-", "w(x*)y", "$1"', '"--xx-"'],
  ['regex.replace', '"foo", "[", ""', undefined],
  ['regex.find_all_string_submatch_n', '"(a)|(b)", "ba", -1', '[["b","","b"],["a","a",""]]'],
  ['regex.globs_match', '"a*", ""', 'false'],
  ['regex.globs_match', '"a.a.[0-9]+z", "a.b.1+2z"', 'false'],
  ['regex.globs_match', '"[ab]+c", "[bc]*"', 'true'],
  ['regex.globs_match', '"*a", "a"', undefined],
  ['regex.template_match', '"urn:foo:{[0-9]{2}}", "urn:foo:12", "{", "}"', 'true'],
  ['regex.template_match', '"a<b", "a", "<", ">"', undefined],
  ['glob.quote_meta', '"*.a[b]{c}?\\\\"', '"\\\\*.a\\\\[b\\\\]\\\\{c\\\\}\\\\?\\\\\\\\"'],
  ['crypto.sha256', '"æøå"', '"6c228cdba89548a1af198f33819536422fb01b66e51f761cf2ec38d1fb4178a6"'],
  [
    'crypto.hmac.sha512',
    '"æ", "k"',
    '"79e7eaab77645b5c95713ed69b31c1ee9200c4d74000351b9d56f4954ad62363286b5e248144e552ac48dec8bd64ffadc92d548978c52309386a10cf77d864be"',
  ],
  ['crypto.hmac.equal', '"a", "ab"', 'false'],
  ['crypto.parse_private_keys', '"nope"', '[]'],
  ['crypto.parse_private_keys', '""', 'null'],
  ['crypto.x509.parse_rsa_private_key', '"nope"', 'null'],
  ['crypto.x509.parse_and_verify_certificates', '"nope"', '[false,[]]'],
  [
    'io.jwt.decode',
    '"eyJhbGciOiJIUzI1NiJ9.eyJuIjoxMjM0NTY3ODkwMTIzNDU2Nzg5MC4xMH0.YQ"',
    '[{"alg":"HS256"},{"n":12345678901234567890.10},"61"]',
  ],
  ['io.jwt.decode', '"a.b"', undefined],
  ['io.jwt.decode', '"eyJhbGciOiJIUzI1NiIsImVuYyI6IngifQ.e30."', undefined],
  [
    'io.jwt.encode_sign',
    '{"alg": "HS256"}, {"b": 1.50, "a": {"<>&"}}, {"kty": "oct", "k": "c2VjcmV0"}',
    '"eyJhbGciOiJIUzI1NiJ9.eyJhIjpbIlx1MDAzY1x1MDAzZVx1MDAyNiJdLCJiIjoxLjUwfQ.f69kKmcCT-yUTJ379Ks5ls0ve7VJQp5MXdCLJN_vfuo"',
  ],
  ['io.jwt.encode_sign', '{"alg": "RS256"}, {}, {"kty": "oct", "k": "c2VjcmV0"}', undefined],
  ['io.jwt.encode_sign_raw', '"{\\"alg\\":\\"HS256\\"}", "no JSON", "{\\"kty\\":\\"oct\\",\\"k\\":\\"c2VjcmV0\\"}"', undefined],
  [
    'io.jwt.verify_es256',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}"',
    'true',
  ],
  [
    'io.jwt.verify_es384',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}"',
    'false',
  ],
  [
    'io.jwt.verify_rs256',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}"',
    'false',
  ],
  [
    'io.jwt.decode_verify',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", {"cert": "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}", "time": 1999999999000000000}',
    '[true,{"alg":"ES256","typ":"JWT"},{"exp":2000000000,"sub":"a"}]',
  ],
  [
    'io.jwt.decode_verify',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", {"cert": "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}", "time": 2000000000000000000}',
    '[false,{},{}]',
  ],
  [
    'io.jwt.decode_verify',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", {"cert": "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}", "alg": "RS256"}',
    '[false,{},{}]',
  ],
  [
    'io.jwt.decode_verify',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", {"cert": "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}", "unknown": 1}',
    undefined,
  ],
  [
    'io.jwt.decode_verify',
    '"eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoyMDAwMDAwMDAwfQ.TJbdKL2Z_RREm74ZKuZl-qKk-f1fj-T254Hq_9JEFq1OccINFI6TD59UAhKbRwmBOyzjQ5Ew0x7suOJjjWonVg", {"cert": "{\\"kty\\":\\"EC\\",\\"crv\\":\\"P-256\\",\\"x\\":\\"IB3eXjrTFPF84X-HdscxKyicAaZ8ZO_-dg_O29TC5AQ\\",\\"y\\":\\"sOIYuWF4EoHVMxdREdosOKNR3dBo5fCeODJg8NoI3Vo\\"}", "secret": "s"}',
    undefined,
  ],
  [
    'providers.aws.sign_req',
    '{"method": "put", "url": "https://h.example.com/a%2Fb c?x=1", "body": {"b": "<"}, "headers": {"X-A": "b"}}, {"aws_service": "s3", "aws_access_key": "AK", "aws_secret_access_key": "SK", "aws_region": "r"}, 1451606400000000000',
    '{"body":{"b":"<"},"headers":{"Authorization":"AWS4-HMAC-SHA256 Credential=AK/20160101/r/s3/aws4_request,SignedHeaders=host;x-a;x-amz-content-sha256;x-amz-date,Signature=07bb1e4805dde46e3d476acdb3710834022000780431b284c99d5724dac33c94","X-A":"b","host":"h.example.com","x-amz-content-sha256":"d0beddbecd7eda6f4a6fa2bac47d762af777511ee945b7b6f53ab08108e5717a","x-amz-date":"20160101T000000Z"},"method":"put","url":"https://h.example.com/a%2Fb c?x=1"}',
  ],
  [
    'providers.aws.sign_req',
    '{"method": "put", "url": "https://h.example.com/", "q": 1}, {"aws_service": "s3", "aws_access_key": "AK", "aws_secret_access_key": "SK", "aws_region": "r"}, 0',
    undefined,
  ],
  [
    'graphql.parse_query',
    '"{ # c\\n a: b(x: [1, $y]) @d { ...F } }"',
    '{"Operations":[{"Name":"","Operation":"query","SelectionSet":[{"Alias":"a","Arguments":[{"Name":"x","Value":{"Children":[{"Name":"","Value":{"ExpectedTypeHasDefault":false,"Kind":1,"Raw":"1"}},{"Name":"","Value":{"ExpectedTypeHasDefault":false,"Kind":0,"Raw":"y"}}],"ExpectedTypeHasDefault":false,"Kind":8,"Raw":""}}],"Comment":{"List":[{"Value":"# c"}]},"Directives":[{"Location":"","Name":"d"}],"Name":"b","SelectionSet":[{"Name":"F"}]}]}]}',
  ],
  [
    'graphql.parse_schema',
    '"# c\\n\\"\\"\\"\\n  d\\n\\"\\"\\" type A implements N @k { x: Int! }"',
    '{"Definitions":[{"BeforeDescriptionComment":{"List":[{"Value":"# c"}]},"BuiltIn":false,"Description":"d","Directives":[{"Location":"","Name":"k"}],"Fields":[{"Description":"","Name":"x","Type":{"NamedType":"Int","NonNull":true}}],"Interfaces":["N"],"Kind":"OBJECT","Name":"A"}]}',
  ],
  ['graphql.schema_is_valid', '""', 'true'],
  ['graphql.schema_is_valid', '"extend type A { x: Int }"', 'true'],
  ['graphql.schema_is_valid', '"schema { mutation: M }"', 'false'],
  ['graphql.schema_is_valid', '"input I { a: I! }"', 'false'],
  ['graphql.is_valid', '"{ a(x: 3000000000) { id } }", "type Query { a(x: Int!): [B!] } type B { id: ID }"', 'true'],
  ['graphql.is_valid', '"{ a { id } }", "type Query { a(x: Int!): [B!] } type B { id: ID }"', 'false'],
  ['graphql.is_valid', '"mutation { a }", "type Query { a(x: Int!): [B!] } type B { id: ID }"', 'false'],
  ['graphql.parse_and_verify', '"{ a(x: \\"s\\") { id } }", "type Query { a(x: Int!): [B!] } type B { id: ID }"', '[false,{},{}]'],
  [
    'json.match_schema',
    '{"a": 0.3, "b": [1, 1.0]}, {"properties": {"a": {"multipleOf": 0.1}, "b": {"uniqueItems": true}}}',
    '[false,[{"desc":"array items[0,1] must be unique","error":"b: array items[0,1] must be unique","field":"b","type":"unique"}]]',
  ],
  [
    'json.match_schema',
    '{"a": 2000000, "x": "y"}, {"properties": {"a": {"maximum": 1000000}}, "additionalProperties": false}',
    '[false,[{"desc":"Additional property x is not allowed","error":"(Root): Additional property x is not allowed","field":"(Root)","type":"additional_property_not_allowed"},{"desc":"Must be less than or equal to 1e+06","error":"a: Must be less than or equal to 1e+06","field":"a","type":"number_lte"}]]',
  ],
  [
    'json.match_schema',
    '{"a": "b"}, {"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"a": {"$ref": "#/definitions/n", "type": "string"}}, "definitions": {"n": {"type": "number"}}}',
    '[false,[{"desc":"Invalid type. Expected: number, given: string","error":"a: Invalid type. Expected: number, given: string","field":"a","type":"invalid_type"}]]',
  ],
  [
    'json.match_schema',
    '{"a": "b"}, {"anyOf": [{"required": ["c"]}, {"properties": {"a": {"enum": ["x", 1.50]}}}]}',
    '[false,[{"desc":"Must validate at least one schema (anyOf)","error":"(Root): Must validate at least one schema (anyOf)","field":"(Root)","type":"number_any_of"},{"desc":"a must be one of the following: \\"x\\", 1.5","error":"a: a must be one of the following: \\"x\\", 1.5","field":"a","type":"enum"}]]',
  ],
  [
    'json.verify_schema',
    '{"type": "foo"}',
    '[false,"jsonschema: has a primitive type that is NOT VALID -- given: /foo/ Expected valid values are:[array boolean integer number null object string]"]',
  ],
  ['json.verify_schema', '{"minLength": 1.5}', '[false,"jsonschema: minLength must be of an integer"]'],
  ['json.verify_schema', '{"$ref": "other.json"}', '[false,"jsonschema: Reference /other.json must be canonical"]'],
  ['json.verify_schema', '"{"', '[false,"jsonschema: invalid JSON string"]'],
  [
    'yaml.unmarshal',
    '"[0301, 0b11, 1_000, 0o17, yes, 1e3, 2020-01-01, ~, !!str 1, 123456789012345678901]"',
    '[193,3,1000,15,"yes",1000,"2020-01-01",null,"1",123456789012345680000]',
  ],
  ['yaml.unmarshal', '"x: &x {a: 1, b: 1}\\ny: {<<: *x, b: 2}\\n1: c"', '{"1":"c","x":{"a":1,"b":1},"y":{"a":1,"b":2}}'],
  ['yaml.unmarshal', '".inf"', undefined],
  ['yaml.unmarshal', '"? [a]\\n: b"', undefined],
  ['yaml.unmarshal', '"a: 1\\n---\\n: :"', undefined],
  ['yaml.is_valid', '"  a:\\nb: 1"', 'false'],
  ['yaml.is_valid', '1', 'false'],
  [
    'yaml.marshal',
    '{"z10": 1.50, "z9": "yes", "b": [[1], {"c": {2, 1}}], "n": null, "l": "x\\ny\\n", "q": "a: b", "e": [], "t": "a\\tb", "1": 1000000.0, "u": "😀"}',
    `"\\"1\\": 1e+06\\nb:\\n  - - 1\\n  - c:\\n      - 1\\n      - 2\\ne: []\\nl: |\\n  x\\n  y\\n\\"n\\": null\\nq: 'a: b'\\nt: \\"a\\\\tb\\"\\nu: \\"\\\\U0001F600\\"\\nz9: \\"yes\\"\\nz10: 1.5\\n"`,
  ],
  [
    'strings.render_template',
    '"{{range $i, $n := .l}}{{if $i}},{{end}}{{$n}}{{else}}none{{end}} {{.missing}} {{printf \\"%03d|%v\\" 7 .n}} {{- if eq .n \\"5\\"}} five{{end}}", {"l": ["a", 3], "n": 5}',
    '"a,3 <undefined> 007|5 five"',
  ],
  ['strings.render_template', '"{{.s.x}}", {"s": "text"}', undefined],
  ['strings.render_template', '"{{end}}", {}', undefined],
];

t.test('built-ins of patterns, keys, tokens, schemas, documents and templates answer what OPA answers', async (t) => {
  for (const [name, args, expected] of FACTS) {
    const given = answer(name, readRego(`[${args}]`) as readonly Term[]);
    t.same(given && parseJson(given), expected && parseJson(expected), `${name}(${args.slice(0, 60)})`);
  }
});

const CERTIFICATE =
  'MIIDSTCCAs6gAwIBAgIUas5l4PUd0hGGmpf2znabF4CbyrYwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFSW50ZXIwHhcNMjYxMTI3MTIzNzQ1WhcNMzIwNTE5MTIzNzQ1WjA4MRYwFAYDVQQDDA1hLmV4YW1wbGUuY29tMQ8wDQYDVQQJDAZHYXRhIDExDTALBgNVBBEMBDAxNTAwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQgHd5eOtMU8Xzhf4d2xzErKJwBpnxk7/52D87b1MLkBLDiGLlheBKB1TMXURHaLDijUd3QaOXwnjgyYPDaCN1ao4IB3DCCAdgwCQYDVR0TBAIwADALBgNVHQ8EBAMCBaAwIgYDVR0lBBswGQYIKwYBBQUHAwEGCCsGAQUFBwMCBgMqAwQwfwYDVR0RBHgwdoINYS5leGFtcGxlLmNvbYIPKi5iLmV4YW1wbGUuY29tgQ14QGV4YW1wbGUuY29thwQKAQIDhxAgAQ24AAAAAAAAAAAAAAABhi1odHRwczovL3VzZXI6cHdAYS5leGFtcGxlLmNvbTo4NDQzL3AvcSUyRj94PTEwHwYDVR0jBBgwFoAUUPugzNPYe3NqFOM5RDbHiJr57SEwHQYDVR0OBBYEFFrNHsBgC8oUYfLpEnRaBpc/FtwdMBkGA1UdIAQSMBAwBgYEKgMEBTAGBgRVHSAAMC0GA1UdHwQmMCQwIqAgoB6GHGh0dHA6Ly9jcmwuZXhhbXBsZS5jb20vYS5jcmwwXQYIKwYBBQUHAQEEUTBPMCMGCCsGAQUFBzABhhdodHRwOi8vb2NzcC5leGFtcGxlLmNvbTAoBggrBgEFBQcwAoYcaHR0cDovL2NhLmV4YW1wbGUuY29tL2NhLmNydDATBgUqAwQFBgEB/wQHDAVoZWxsbzAPBgNVHSQECDAGgAEDgQEAMAoGA1UdNgQDAgECMAoGCCqGSM49BAMCA2kAMGYCMQCXaT063ysCSWzAUCM9IiMoPpAFsuPFqtcZeGELZhAPGdt8UijII3QxOjIVo06yEK4CMQDPdLG7MqJQwuQVjZJaOL1bMBAOwTGM2tU8ak39OcNdYm7uUAKI+ODrAI/tBQZlv6E=';

t.test('a certificate tells what Go reads in it, also what Node.js leaves out', async (t) => {
  const [certificate] = parseJson(answer('crypto.x509.parse_certificates', [CERTIFICATE]) ?? '[]') as [RegoObject];
  const field = (name: string): string => writeJson(certificate.get(name) as Term);
  t.equal(field('SerialNumber'), '609755850108169292281752045798852299482031966902');
  t.equal(field('ExtKeyUsage') + field('UnknownExtKeyUsage') + field('KeyUsage'), '[1,2][[1,2,3,4]]5');
  t.equal(field('Policies') + field('PolicyIdentifiers'), '["1.2.3.4.5","2.5.29.32.0"][[1,2,3,4,5],[2,5,29,32,0]]');
  t.equal(field('IPAddresses') + field('EmailAddresses'), '["10.1.2.3","2001:db8::1"]["x@example.com"]');
  t.equal(field('URIStrings'), '["https://user:pw@a.example.com:8443/p/q%2F?x=1"]');
  t.match(field('URIs'), '"Path":"/p/q/","RawFragment":"","RawPath":"/p/q%2F"');
  t.equal(field('RequireExplicitPolicy') + field('InhibitPolicyMappingZero') + field('InhibitAnyPolicy'), '3true2');
  t.equal(field('UnhandledCriticalExtensions') + field('MaxPathLen') + field('SignatureAlgorithm'), '[[1,2,3,4,5,6]]-110');
  t.equal(field('NotAfter') + field('ExtraExtensions'), '"2032-05-19T12:37:45Z"null');
});
