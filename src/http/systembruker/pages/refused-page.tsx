import type { ProblemError } from '#problem';
import { SystembrukerFault } from '#systembruker';
import { ButtonLink, Page, type Pages, pageReply, problemPage, Reference } from '../../pages/index.js';
import type { Context, Reply } from '../../state.js';
import { WORDS, type Words } from './words/words.js';

/** What is to be told. */
export interface Refused {
  readonly pages: Pages;
  readonly ctx: Context;
  readonly problem: ProblemError;
  /** Where one logs in and comes back here. */
  readonly logIn: string;
  /** The page on which it was tried. */
  readonly again: string;
}

type Told = readonly [title: string, text: string, link?: readonly [href: string, text: string]];

/** That something cannot be done here, in words, and what to do about it. */
export function refusedPage(refused: Refused): Reply {
  const { pages, ctx, problem } = refused;
  const language = pages.language(ctx);
  const told = toldOf(WORDS[language].cannot, refused);
  if (told === undefined) return problemPage(pages, ctx, problem);
  const [title, text, [href, label] = ['/idporten/logout', WORDS[language].logOut]] = told;
  return pageReply(
    <Page language={language} title={title} languages={pages.languages(ctx)}>
      <p className="ds-paragraph">{text}</p>
      <div className="t-actions">
        <ButtonLink href={href}>{label}</ButtonLink>
      </div>
      <Reference language={language} reference={ctx.state.requestId} />
    </Page>,
    { status: problem.entry.status },
  );
}

function toldOf(words: Words['cannot'], { problem, logIn, again }: Refused): Told | undefined {
  const { status } = problem.entry;
  if (problem.slug === 'security-level-too-low') return [words.weakTitle, words.weakText, [logIn, words.again]];
  if (problem.slug === 'action-not-allowed') return [words.title, words.text];
  if (problem.slug === 'not-found') return [words.missingTitle, words.missingText];
  const isFault = problem instanceof SystembrukerFault;
  if (status === 409 || status === 412) return [words.raceTitle, words.raceText, [again, words.seeAgain]];
  if (!isFault) return undefined;
  if (problem.code === 'AUTH-00004') return [words.refusedTitle, words.existsText, [again, words.seeAgain]];
  // Of what is another's one hears as little as of what is not there.
  if (status === 404 || /^AUTH-000(24|41|42)$/.test(problem.code)) return [words.missingTitle, words.missingText];
  if (status === 403) return [words.title, words.text];
  return [words.refusedTitle, words.refusedText, [again, words.seeAgain]];
}
