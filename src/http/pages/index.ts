// The shell of all pages: rendered on the server by React, in Designsystemet's clothes, in three languages, working without a script.
// `pageReply(<Page …>)` makes the answer with its headers; parts.tsx holds what pages are made of; Pages knows the reader (language, forms).
// Nothing is asked of another origin, nothing is inline. Which pages there are and what they say is their API's, beside its routes.
// React is loaded when the first page is wanted. The APIs of #http that answer browsers may call.
export { assetsApi } from './assets.js';
export { type ProblemText, problemPage, Reference, wantsPage } from './error-page.js';
export { LANGUAGES, type Language, languageIn, languageLinks } from './language.js';
export { dayInWords, momentInWords } from './moments.js';
export { Page, type PageProps } from './page.js';
export { Alert, Button, ButtonLink, ErrorSummary, Facts, Field, Form, List, PageLinks, SearchField, Tag, TextArea } from './parts.js';
export { openPages, type PageExchange, type Pages } from './reader.js';
export { type PageTerms, pageReply, sendPage } from './render.js';
