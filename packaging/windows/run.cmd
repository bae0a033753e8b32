@echo off
rem Prepares this folder on the first call, then opens the window; arguments go to the command line.
setlocal
call "%~dp0setup.cmd" run
if errorlevel 1 exit /b 1
set "PYTHONPATH=%~dp0..\.."
"%~dp0..\..\.venv\Scripts\python.exe" -P -m weldspot_desktop %*
