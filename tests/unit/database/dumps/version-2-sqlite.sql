CREATE TABLE appointments (
	code VARCHAR(16) NOT NULL, 
	citizen VARCHAR(64) NOT NULL, 
	service VARCHAR(64) NOT NULL, 
	service_name TEXT NOT NULL, 
	place VARCHAR(64) NOT NULL, 
	place_name TEXT NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	name_sealed TEXT NOT NULL, 
	phone_sealed TEXT NOT NULL, 
	phone_hash VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	cancelled_at DATETIME, 
	kind VARCHAR(8) DEFAULT 'hall' NOT NULL, 
	rule VARCHAR(64), 
	address_sealed TEXT, 
	PRIMARY KEY (code), 
	CONSTRAINT appointments_status_known CHECK (status IN ('booked', 'cancelled', 'ended')), 
	FOREIGN KEY(citizen) REFERENCES citizens (citizen)
);
INSERT INTO "appointments" VALUES('SVBG68RY','d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287','id-card','居民身份证换领','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000','booked','gAAAAABrCDdxYVtXu4jHkSm_q7STYfONN6QF4SI12e04Q49rUsugDC1hdUMNhuS85WJKk4oJQhutDTagNYvkcwK_zJag4-Ff2A==','gAAAAABrCDdxWLuPTz7860Q0s8iybFqL_UVqxtrS_DasJvVS9KYmOGQmzGlgbl3sXx41BUw5Kig6aV0zyeBte_-eJZq4rdoDlQ==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000',NULL,'hall',NULL,NULL);
INSERT INTO "appointments" VALUES('D6NZPBS7','5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4','id-card','居民身份证换领','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000','cancelled','gAAAAABrCDdxJPHXBWTensDznudwtX77Zn5bzwKt4LMPauF_ESZKvTjOaGKjNerr9Ceploo3vHU0djQg_hyh0W0W03XN9_lg9w==','gAAAAABrCDdxUECA9CFGy9jAPqGHUUpjWCG9D2OukxVJEvmY9A6yb-0DO9db64NxHTmlQ-5oetAMQcT7LHFXupBk2sNeFEbUuw==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000','2026-11-23 02:00:00.000000','hall',NULL,NULL);
INSERT INTO "appointments" VALUES('JN9SSCWQ','208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff','id-card','居民身份证换领','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000','booked','gAAAAABrCDdzBc-1WOi3f5h8zOZ_aoVqMi8CVojXmuxAmlG6-8VeNux3MqJAL0CgC9CfSNPQNT9A-DiuhIe0i3V_yTelWVI1JA==','gAAAAABrCDdz-P2Bf_c5flu_0gLm3HbLAmRREwGl679rzNwRF7vB9nM2gi6mjD-24l1Fo5UEik_0iQNj3ietOqxn-6UKgcUPVQ==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000',NULL,'hall',NULL,NULL);
INSERT INTO "appointments" VALUES('LG9Q63FJ','39701edfa710bb6f97a74d0210127453dd7b6811d2d4968ff57d17d0e24ab6df','id-card','居民身份证换领','district-hall','区政务服务中心','2026-11-25 01:00:00.000000','2026-11-25 01:30:00.000000','booked','gAAAAABrCDd14A_Bu-kSsJBKo7fTTn6gALrceWPIPWaMa9BzpBve-EqlqiNLJ9hNW-XfABb1LYZ1E613M2ng2ko9AKuyOb9nmw==','gAAAAABrCDd1-XOJZFInvRNkM6oeqcjvP2vQimFsxt76Kh-3mXcgQuo3mR9A9v1eOca0wys01pFHsbSdkRHPznj3y9GZGjLo4w==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000',NULL,'hall',NULL,NULL);
INSERT INTO "appointments" VALUES('YBLGZ9BK','d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287','id-card','居民身份证换领','home','老年人上门服务','2026-11-26 01:00:00.000000','2026-11-26 04:00:00.000000','booked','gAAAAABrCDd1a1ffZOKV_SZf3-vaIJcO_slM4rUReyantMNFJc2reaDFMmHiOFkGNZYUjDfsN6_zlVG6HQOWZQv-mg5DH0swAA==','gAAAAABrCDd1sj60yMI0ZP1-pbsDWOgUawpQWYpuG4ppRKvJVlHfi865uxkJM6jliEINGKpSgIw144U9O1v-mRxpm_tDvGMJEg==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000',NULL,'home','elderly','gAAAAABrCDd1CYIwASnJ5DwFbjLOt5gW77-zEOIjgBf-NY-l_DS1nfpTpbch7V26EGGiwBiVvjHlm9mT15ny3uRUbkRZ1YSzyP1jm0Go1PoPRNggsFpSJm81sYg2CGa-CH2HIhh_RNSW');
CREATE TABLE citizens (
	citizen VARCHAR(64) NOT NULL, 
	bookings INTEGER NOT NULL, 
	PRIMARY KEY (citizen)
);
INSERT INTO "citizens" VALUES('d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287',3);
INSERT INTO "citizens" VALUES('5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4',2);
INSERT INTO "citizens" VALUES('208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff',1);
INSERT INTO "citizens" VALUES('39701edfa710bb6f97a74d0210127453dd7b6811d2d4968ff57d17d0e24ab6df',2);
CREATE TABLE desk_audit (
	id INTEGER NOT NULL, 
	staff VARCHAR(40) NOT NULL, 
	what VARCHAR(32) NOT NULL, 
	about VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "desk_audit" VALUES(1,'王窗口','reply','W8SK3PMM','2026-11-23 02:00:00.000000');
CREATE TABLE desk_cases (
	number VARCHAR(16) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	citizen VARCHAR(64) NOT NULL, 
	openid_sealed TEXT NOT NULL, 
	service VARCHAR(64), 
	text_sealed TEXT NOT NULL, 
	opened_at DATETIME NOT NULL, 
	answer_by DATE, 
	changed_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	PRIMARY KEY (number), 
	CONSTRAINT desk_cases_kind_known CHECK (kind IN ('handover', 'message', 'complaint', 'praise', 'suggestion', 'low_rating')), 
	CONSTRAINT desk_cases_status_known CHECK (status IN ('open', 'answered', 'closed')), 
	CONSTRAINT desk_cases_closed_has_its_time CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
INSERT INTO "desk_cases" VALUES('W8SK3PMM','message','answered','fcc180069cab9387ff5402b0a85568c2f7d4f8aff4ec62e44cd3baac4d5975b9','gAAAAABrCDd1sGOb_-i82dv7CT5KuFKHSZ5fXdsC2fB7_6CphqeJxiG_8hn-SWCzzmrf2cs6szU1StHISgucXEQb54iAqjU3NA==',NULL,'gAAAAABrCDd1BYGuDpY6oxFxkczX8el0s1FwVitmPImDBiGFKJ9YTz7-9CbrIN740cMpP1XoelZ73gJKMDqKSE6jbTzPGEHuE8USAccGtdS17Th0Rj8gyYo=','2026-11-23 02:00:00.000000','2026-11-24','2026-11-23 02:00:00.000000',NULL);
INSERT INTO "desk_cases" VALUES('346G2VK4','complaint','open','ec1bb150616f8829a35a9628673d79c9098a274ffb1c5d86f9c696779b484127','gAAAAABrCDd1YIl7g9iAfrvVsNtSSnQjzT9qgoRShquVRvdcHJ9eV7JC5PKf02EL4t_58Dv9C772JfYKizAPjoYWu3f9joK5GQ==',NULL,'gAAAAABrCDd1mQje9gA7EJMukZar9F9dSFkBLUP3ZW_XqSvugfJwxS8mR8twt_n8x90owwhoO4_MfapoMsM1010tit7qTsjHEA==','2026-11-23 02:00:00.000000','2026-11-30','2026-11-23 02:00:00.000000',NULL);
CREATE TABLE desk_letters (
	id VARCHAR(32) NOT NULL, 
	message INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	delivered_at DATETIME, 
	given_up_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(message) REFERENCES desk_messages (id) ON DELETE CASCADE
);
INSERT INTO "desk_letters" VALUES('3cb2e293ac644a85ac7a3131929c0ad2',1,'2026-11-23 02:00:00.000000',NULL,NULL);
CREATE TABLE desk_messages (
	id INTEGER NOT NULL, 
	number VARCHAR(16) NOT NULL, 
	who VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	text_sealed TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT desk_messages_who_known CHECK (who IN ('citizen', 'staff', 'assistant')), 
	FOREIGN KEY(number) REFERENCES desk_cases (number) ON DELETE CASCADE
);
INSERT INTO "desk_messages" VALUES(1,'W8SK3PMM','staff','2026-11-23 02:00:00.000000','gAAAAABrCDd1VDzkb3n_0A-Yj8W99RUhKPowSBUxzd5IpohY75lcihatj-9ZMMfoeTHOJQTlJf136ZYuM5lNXiTYGQ40mJ8TF1fObZbWcyDwFxuAupdvcm8=');
CREATE TABLE desk_meta (
	name VARCHAR(32) NOT NULL, 
	value VARCHAR(128) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "desk_meta" VALUES('version','1');
INSERT INTO "desk_meta" VALUES('data_key','ad75c13ef1b14839d54219c2087cdde337052f957758bdc2718348d3c7f80492');
CREATE TABLE desk_questions (
	id INTEGER NOT NULL, 
	text_sealed TEXT NOT NULL, 
	outcome VARCHAR(32) NOT NULL, 
	nearest TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	done_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "desk_questions" VALUES(1,'gAAAAABrCDd19dapZce2Umb1SmzBK5AjqESHs_hLbXtrFxWqSGkchD7tLBxveQJcPVdFx1uSI0QcDQ5LI3o9hyDLVWDZj5z6nQr0ATbAiUkRHcNpNbU6IOU=','unanswerable','permit','2026-11-23 02:00:00.000000',NULL);
CREATE TABLE desk_ratings (
	id INTEGER NOT NULL, 
	citizen VARCHAR(64), 
	about VARCHAR(96) NOT NULL, 
	service VARCHAR(64), 
	day DATE NOT NULL, 
	level INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT desk_ratings_level_known CHECK (level BETWEEN 1 AND 5), 
	CONSTRAINT desk_ratings_one_a_day UNIQUE (citizen, about, day)
);
INSERT INTO "desk_ratings" VALUES(1,'fcc180069cab9387ff5402b0a85568c2f7d4f8aff4ec62e44cd3baac4d5975b9','service:id-card','id-card','2026-11-23',4);
CREATE TABLE desk_requests (
	key_hash VARCHAR(64) NOT NULL, 
	body_hash VARCHAR(64) NOT NULL, 
	result VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (key_hash)
);
INSERT INTO "desk_requests" VALUES('560cb3b939bb44f752511fc3877d96da74d33d96dcc11906dcdb3379b0aa0f55','e619ab787cbab7573e4560cc45e53b30c137550e33a530d00ea5b82fc601b9e2','W8SK3PMM','2026-11-23 02:00:00.000000');
INSERT INTO "desk_requests" VALUES('5d6811fdcedf9c4dcc30df78c7714b944952ea10a88085d9a301c47cb9c66384','cc79c5e59e9f496155a9c1309376df7ba5d7f990e0be507db4da4e2d023cc023','346G2VK4','2026-11-23 02:00:00.000000');
INSERT INTO "desk_requests" VALUES('c0fc79c1f172919257260d6f6c1a97eecdd33853bf40c05a72f7a557214695ac','0a9fecacdf1baf9c43021919ad186d12b26d012d43322db2f3d1570f273831fe','W8SK3PMM','2026-11-23 02:00:00.000000');
INSERT INTO "desk_requests" VALUES('3ed63a9679623cec9e146cb3da2d62e4b2132a7d9bb26f56bba1ffa6c2b84c95','36b734a45714d3b14a3a6c528c928dd1422451fcc1c670fefb8f143832b79c73','','2026-11-23 02:00:00.000000');
INSERT INTO "desk_requests" VALUES('a504c065b316cdf287f6eb4e6cd3622916f1d8d25a0504bd388422ff37afcac7','b437cad343a3bae7b1719e30904cffe59af8aa8ffe7c5e56a0745bc5dde65ecf','','2026-11-23 02:00:00.000000');
CREATE TABLE desk_wrong_checks (
	id INTEGER NOT NULL, 
	citizen VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "desk_wrong_checks" VALUES(1,'fcc180069cab9387ff5402b0a85568c2f7d4f8aff4ec62e44cd3baac4d5975b9','2026-11-23 02:00:00.000000');
CREATE TABLE home_days (
	rule VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	booked INTEGER NOT NULL, 
	capacity INTEGER NOT NULL, 
	PRIMARY KEY (rule, day), 
	CONSTRAINT home_days_never_overbooked CHECK (booked >= 0 AND booked <= capacity)
);
INSERT INTO "home_days" VALUES('elderly','2026-11-26',1,2);
CREATE TABLE meta (
	name VARCHAR(32) NOT NULL, 
	value VARCHAR(128) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('version','2');
INSERT INTO "meta" VALUES('data_key','ad75c13ef1b14839d54219c2087cdde337052f957758bdc2718348d3c7f80492');
CREATE TABLE plates (
	day DATE NOT NULL, 
	plate_hash VARCHAR(64) NOT NULL, 
	citizen VARCHAR(64) NOT NULL, 
	plate_sealed TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (day, plate_hash), 
	FOREIGN KEY(citizen) REFERENCES citizens (citizen)
);
INSERT INTO "plates" VALUES('2026-11-24','81b858a24ac78e45a99d644653fb79fe91a4d7fbb1464b01d30e256e416762c0','d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287','gAAAAABrCDd1D5VD1kWOoZg1NQscaY-pE5m6rK3tguGMCrAnrAyRvHq0E4Sap3in6vblP314j42TBKriWfpgLF8NtfDLjWRJiQ==','2026-11-23 02:00:00.000000');
CREATE TABLE requests (
	key_hash VARCHAR(64) NOT NULL, 
	body_hash VARCHAR(64) NOT NULL, 
	code VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	place VARCHAR(64), 
	place_name TEXT, 
	starts_at DATETIME, 
	ends_at DATETIME, 
	PRIMARY KEY (key_hash), 
	FOREIGN KEY(code) REFERENCES appointments (code)
);
INSERT INTO "requests" VALUES('de5652cb1b344a0a2544c146082ceae213ea58dd6ffb1f6ef70360b5ec232f15','0027ffa23a2c4d5d0f938414fe3a30521191532b7b2a04c1ff4a4ec690da61af','SVBG68RY','2026-11-23 02:00:00.000000','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000');
INSERT INTO "requests" VALUES('216dbad2bed138d0e56fed6ecac6004e5e0cd1c6e0af0fa969cf305e24ffd14e','938341bb8f8cdc0fd0ee12be7e2d8cd5413293b7c7b7446aac861d9d012ad765','D6NZPBS7','2026-11-23 02:00:00.000000','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000');
INSERT INTO "requests" VALUES('f7f69e3e2f4b9cfa2064e5f479ef791d4fd27f01e1435004efef9557cdd0070e','9458fed7f993a7c800b243bae5d2f2857eaba1c2aa9d4063789cb0545304cd19','JN9SSCWQ','2026-11-23 02:00:00.000000','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000');
INSERT INTO "requests" VALUES('57f00ece330e603e41fd7324db35a4717a0a486bca696623e1a35bb09f79140d','b7f473ef5f0d6ff42ee262a3a44e0eafecb37d2f20f4e1a13efd2dce64a3a2fa','LG9Q63FJ','2026-11-23 02:00:00.000000','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000');
INSERT INTO "requests" VALUES('29ac9e8f240a08295aabfdd51665822d201c2bffd06902a92608015b54091057','cfdfc1ee51dc4e74b226b31697eaf8ba15354cc0a9dd706eae2a7e2dbea60302','LG9Q63FJ','2026-11-23 02:00:00.000000','district-hall','区政务服务中心','2026-11-25 01:00:00.000000','2026-11-25 01:30:00.000000');
INSERT INTO "requests" VALUES('0f1cb5c9637cbf57d16d799138fb693fefcbc3fe00288bf24ff52dc6e2c30a9d','3d7d43e8615336c8b686e13f36154cbef087d496077402ce69b840dccbba3615','YBLGZ9BK','2026-11-23 02:00:00.000000','home','老年人上门服务','2026-11-26 01:00:00.000000','2026-11-26 04:00:00.000000');
CREATE TABLE slots (
	service VARCHAR(64) NOT NULL, 
	place VARCHAR(64) NOT NULL, 
	starts_at DATETIME NOT NULL, 
	booked INTEGER NOT NULL, 
	capacity INTEGER NOT NULL, 
	PRIMARY KEY (service, place, starts_at), 
	CONSTRAINT slots_never_overbooked CHECK (booked >= 0 AND booked <= capacity)
);
INSERT INTO "slots" VALUES('id-card','district-hall','2026-11-24 01:00:00.000000',2,3);
INSERT INTO "slots" VALUES('id-card','district-hall','2026-11-25 01:00:00.000000',1,3);
CREATE INDEX desk_cases_by_status ON desk_cases (status, answer_by);
CREATE INDEX desk_cases_of_citizen ON desk_cases (citizen, opened_at);
CREATE INDEX ix_desk_questions_at ON desk_questions (at);
CREATE INDEX ix_desk_wrong_checks_citizen ON desk_wrong_checks (citizen);
CREATE INDEX ix_desk_requests_at ON desk_requests (at);
CREATE INDEX ix_desk_messages_number ON desk_messages (number);
CREATE INDEX ix_desk_letters_message ON desk_letters (message);
CREATE INDEX ix_desk_letters_made_at ON desk_letters (made_at);
CREATE UNIQUE INDEX appointments_one_open_per_service ON appointments (citizen, service, kind) WHERE status = 'booked';
CREATE INDEX ix_appointments_phone_hash ON appointments (phone_hash);
CREATE INDEX appointments_of_citizen ON appointments (citizen, starts_at);
CREATE INDEX plates_of_citizen ON plates (citizen, day);
CREATE INDEX ix_requests_created_at ON requests (created_at);
