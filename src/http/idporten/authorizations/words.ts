import type { Language } from '../../pages/index.js';

/** What the consent page and the person's own page say. */
export const WORDS = {
  nb: {
    consent: {
      title: (client: string) => `Vil du gi ${client} tilgang?`,
      by: (organisation: string) => `Tjenesten tilhører ${organisation}.`,
      scopes: 'Dette ber tjenesten om',
      from: (owner: string) => `Fra ${owner}`,
      lasts: (time: string) => `Varer i ${time}`,
      choice: 'Du bestemmer. Sier du nei, blir du logget inn likevel, men tjenesten får ikke dette.',
      later: 'Du kan når som helst se og trekke tilbake det du har gitt, på siden «Det du har gitt»:',
      yes: 'Ja, jeg godtar',
      no: 'Nei',
      missing: 'Velg ja eller nei',
    },
    mine: {
      title: 'Det du har gitt',
      lead: 'Her er tjenestene som kan hente opplysninger om deg, eller gjøre noe for deg, fordi du har logget inn eller sagt ja.',
      given: 'Gitt nå',
      nothing: 'Du har ikke gitt noen tjeneste noe som varer.',
      until: (time: string) => `Varer til ${time}`,
      since: (time: string) => `Sist gitt ${time}`,
      asked: 'du sa ja',
      carried: 'fulgte med innloggingen',
      withdraw: (client: string) => `Trekk tilbake fra ${client}`,
      withdrawn: 'Det er trukket tilbake. Tjenesten får ikke noe mer.',
      more: 'Vis flere',
      history: 'Historikk',
      gave: (client: string) => `Gitt til ${client}`,
      took: (client: string) => `Trukket tilbake fra ${client}`,
      byOthers: 'av en virksomhet som har del i det',
      logins: 'Innlogginger',
      latest: (count: number) => `De siste ${count}.`,
      none: 'Ingen ennå.',
      logOut: 'Logg ut',
      weak: { title: 'Logg inn sikrere', text: 'For å se dette må du logge inn på nivå betydelig eller høyt.', again: 'Logg inn på nytt' },
    },
  },
  nn: {
    consent: {
      title: (client: string) => `Vil du gi ${client} tilgang?`,
      by: (organisation: string) => `Tenesta høyrer til ${organisation}.`,
      scopes: 'Dette ber tenesta om',
      from: (owner: string) => `Frå ${owner}`,
      lasts: (time: string) => `Varer i ${time}`,
      choice: 'Du bestemmer. Seier du nei, blir du logga inn likevel, men tenesta får ikkje dette.',
      later: 'Du kan når som helst sjå og trekkje tilbake det du har gitt, på sida «Det du har gitt»:',
      yes: 'Ja, eg godtek',
      no: 'Nei',
      missing: 'Vel ja eller nei',
    },
    mine: {
      title: 'Det du har gitt',
      lead: 'Her er tenestene som kan hente opplysningar om deg, eller gjere noko for deg, fordi du har logga inn eller sagt ja.',
      given: 'Gitt no',
      nothing: 'Du har ikkje gitt noka teneste noko som varer.',
      until: (time: string) => `Varer til ${time}`,
      since: (time: string) => `Sist gitt ${time}`,
      asked: 'du sa ja',
      carried: 'følgde med innlogginga',
      withdraw: (client: string) => `Trekk tilbake frå ${client}`,
      withdrawn: 'Det er trekt tilbake. Tenesta får ikkje noko meir.',
      more: 'Vis fleire',
      history: 'Historikk',
      gave: (client: string) => `Gitt til ${client}`,
      took: (client: string) => `Trekt tilbake frå ${client}`,
      byOthers: 'av ei verksemd som har del i det',
      logins: 'Innloggingar',
      latest: (count: number) => `Dei siste ${count}.`,
      none: 'Ingen enno.',
      logOut: 'Logg ut',
      weak: {
        title: 'Logg inn tryggare',
        text: 'For å sjå dette må du logge inn på nivå betydeleg eller høgt.',
        again: 'Logg inn på nytt',
      },
    },
  },
  en: {
    consent: {
      title: (client: string) => `Do you want to give ${client} access?`,
      by: (organisation: string) => `The service belongs to ${organisation}.`,
      scopes: 'This is what the service asks for',
      from: (owner: string) => `From ${owner}`,
      lasts: (time: string) => `Lasts for ${time}`,
      choice: 'You decide. If you say no, you are logged in all the same, but the service does not get this.',
      later: 'You can see and withdraw what you have given at any time, on the page “What you have given”:',
      yes: 'Yes, I accept',
      no: 'No',
      missing: 'Choose yes or no',
    },
    mine: {
      title: 'What you have given',
      lead: 'These services can fetch information about you, or do something for you, because you have logged in or said yes.',
      given: 'Given now',
      nothing: 'You have given no service anything that lasts.',
      until: (time: string) => `Lasts until ${time}`,
      since: (time: string) => `Last given ${time}`,
      asked: 'you said yes',
      carried: 'came with the login',
      withdraw: (client: string) => `Withdraw from ${client}`,
      withdrawn: 'It is withdrawn. The service gets nothing more.',
      more: 'Show more',
      history: 'History',
      gave: (client: string) => `Given to ${client}`,
      took: (client: string) => `Withdrawn from ${client}`,
      byOthers: 'by an organisation that has part in it',
      logins: 'Logins',
      latest: (count: number) => `The latest ${count}.`,
      none: 'None yet.',
      logOut: 'Log out',
      weak: { title: 'Log in more securely', text: 'To see this you must log in at level substantial or high.', again: 'Log in again' },
    },
  },
} as const satisfies Record<Language, object>;

const UNITS = [
  ['year', 31_536_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** How long something lasts, in words: never longer than it does. */
export function timeInWords(language: Language, seconds: number): string {
  const [unit, size] = UNITS.find(([, one]) => seconds >= one) ?? (['second', 1] as const);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(
    Math.floor(seconds / size),
  );
}

/** A moment as people in Norway write it. */
export function momentInWords(language: Language, at: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Europe/Oslo',
  }).format(Date.parse(at));
}
