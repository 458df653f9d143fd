// Every text of the site in zh-Hans, by area. A new area: one module here, one line in all three index files.
import account from './account';
import booking from './booking';
import chat from './chat';
import common from './common';
import company from './company';
import hall from './hall';
import desk from './desk';
import help from './help';
import interests from './interests';
import messages from './messages';
import operator from './operator';
import projects from './projects';
import register from './register';
import report from './report';
import sessions from './sessions';
import site from './site';
import talk from './talk';
import ui from './ui';
import words from './words';
import zones from './zones';

const catalogue = {
  account,
  booking,
  chat,
  common,
  company,
  hall,
  desk,
  help,
  interests,
  messages,
  operator,
  projects,
  register,
  report,
  sessions,
  site,
  talk,
  ui,
  words,
  zones,
};

export default catalogue;

/** The shape that every language must have, exactly. */
export type Catalogue = typeof catalogue;
