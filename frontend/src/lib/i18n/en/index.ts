// Every text of the site in en, by area. A new area: one module here, one line in all three index files.
import type { Catalogue } from '../zh-Hans';
import account from './account';
import common from './common';
import projects from './projects';
import sessions from './sessions';
import site from './site';
import ui from './ui';
import words from './words';
import zones from './zones';

const catalogue: Catalogue = { account, common, projects, sessions, site, ui, words, zones };

export default catalogue;
