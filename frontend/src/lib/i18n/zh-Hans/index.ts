// Every text of the site in zh-Hans, by area. A new area: one module here, one line in all three index files.
import account from './account';
import booking from './booking';
import common from './common';
import company from './company';
import help from './help';
import interests from './interests';
import projects from './projects';
import register from './register';
import sessions from './sessions';
import site from './site';
import ui from './ui';
import words from './words';
import zones from './zones';

const catalogue = {
  account,
  booking,
  common,
  company,
  help,
  interests,
  projects,
  register,
  sessions,
  site,
  ui,
  words,
  zones,
};

export default catalogue;

/** The shape that every language must have, exactly. */
export type Catalogue = typeof catalogue;
