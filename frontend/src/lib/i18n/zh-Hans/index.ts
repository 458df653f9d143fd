// Every text of the site in zh-Hans, by area. A new area: one module here, one line in all three index files.
import account from './account';
import common from './common';
import projects from './projects';
import sessions from './sessions';
import site from './site';
import ui from './ui';
import words from './words';
import zones from './zones';

const catalogue = { account, common, projects, sessions, site, ui, words, zones };

export default catalogue;

/** The shape that every language must have, exactly. */
export type Catalogue = typeof catalogue;
