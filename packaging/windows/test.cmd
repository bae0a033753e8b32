@echo off
rem Prepares this folder for development on the first call, then passes every test; arguments go to pytest.
setlocal
call "%~dp0setup.cmd" dev
if errorlevel 1 exit /b 1
cd /d "%~dp0..\.."
if not defined QT_QPA_PLATFORM set "QT_QPA_PLATFORM=offscreen"
.venv\Scripts\python.exe -m pytest %*
