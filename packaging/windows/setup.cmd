@echo off
rem setup.cmd run^|dev: makes .venv and installs the locked packages; called by run.cmd and test.cmd.
rem The stamp is a copy of the lock, written last: an interrupted installation is continued by the next call.
setlocal
cd /d "%~dp0..\.."
set "lock=packaging\locks\%~1.txt"
set "stamp=.venv\%~1.stamp"
set "python=.venv\Scripts\python.exe"
if not exist "%lock%" (
    echo usage: setup.cmd run^|dev
    exit /b 2
)
if exist "%stamp%" fc /b "%lock%" "%stamp%" >nul 2>nul && exit /b 0
if not exist "%python%" py -3.13 -m venv .venv 2>nul
if not exist "%python%" py -3.12 -m venv .venv 2>nul
if not exist "%python%" py -3.11 -m venv .venv 2>nul
if not exist "%python%" (
    echo Python 3.11, 3.12 or 3.13 is needed: please install it from python.org and try again.
    exit /b 1
)
"%python%" -m pip install --disable-pip-version-check --no-input --only-binary :all: --require-hashes -r "%lock%"
if errorlevel 1 exit /b 1
copy /y "%lock%" "%stamp%" >nul
