/**
 * What people type in the repository's folder to start this program: the file `plainchat`, or `plainchat.cmd` on
 * Windows. Help and error messages show commands with it, so that they can be pasted.
 */
export const LAUNCHER = process.platform === "win32" ? ".\\plainchat" : "./plainchat";
