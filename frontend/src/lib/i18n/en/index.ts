// Every text of the site in en, by area. A new area: one module here, one line in all three index files.
import type { Catalogue } from '../zh-Hans';
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

const catalogue: Catalogue = {
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
