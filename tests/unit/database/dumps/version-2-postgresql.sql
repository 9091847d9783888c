CREATE TABLE public.appointments (
    code character varying(16) NOT NULL,
    citizen character varying(64) NOT NULL,
    service character varying(64) NOT NULL,
    service_name text NOT NULL,
    place character varying(64) NOT NULL,
    place_name text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    status character varying(16) NOT NULL,
    name_sealed text NOT NULL,
    phone_sealed text NOT NULL,
    phone_hash character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    cancelled_at timestamp with time zone,
    kind character varying(8) DEFAULT 'hall'::character varying NOT NULL,
    rule character varying(64),
    address_sealed text,
    CONSTRAINT appointments_status_known CHECK (((status)::text = ANY ((ARRAY['booked'::character varying, 'cancelled'::character varying, 'ended'::character varying])::text[])))
);
CREATE TABLE public.citizens (
    citizen character varying(64) NOT NULL,
    bookings integer NOT NULL
);
CREATE TABLE public.desk_audit (
    id integer NOT NULL,
    staff character varying(40) NOT NULL,
    what character varying(32) NOT NULL,
    about character varying(32) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.desk_audit_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.desk_audit_id_seq OWNED BY public.desk_audit.id;
CREATE TABLE public.desk_cases (
    number character varying(16) NOT NULL,
    kind character varying(16) NOT NULL,
    status character varying(16) NOT NULL,
    citizen character varying(64) NOT NULL,
    openid_sealed text NOT NULL,
    service character varying(64),
    text_sealed text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    answer_by date,
    changed_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT desk_cases_closed_has_its_time CHECK ((((status)::text = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT desk_cases_kind_known CHECK (((kind)::text = ANY ((ARRAY['handover'::character varying, 'message'::character varying, 'complaint'::character varying, 'praise'::character varying, 'suggestion'::character varying, 'low_rating'::character varying])::text[]))),
    CONSTRAINT desk_cases_status_known CHECK (((status)::text = ANY ((ARRAY['open'::character varying, 'answered'::character varying, 'closed'::character varying])::text[])))
);
CREATE TABLE public.desk_letters (
    id character varying(32) NOT NULL,
    message integer NOT NULL,
    made_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone,
    given_up_at timestamp with time zone
);
CREATE TABLE public.desk_messages (
    id integer NOT NULL,
    number character varying(16) NOT NULL,
    who character varying(16) NOT NULL,
    at timestamp with time zone NOT NULL,
    text_sealed text NOT NULL,
    CONSTRAINT desk_messages_who_known CHECK (((who)::text = ANY ((ARRAY['citizen'::character varying, 'staff'::character varying, 'assistant'::character varying])::text[])))
);
CREATE SEQUENCE public.desk_messages_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.desk_messages_id_seq OWNED BY public.desk_messages.id;
CREATE TABLE public.desk_meta (
    name character varying(32) NOT NULL,
    value character varying(128) NOT NULL
);
CREATE TABLE public.desk_questions (
    id integer NOT NULL,
    text_sealed text NOT NULL,
    outcome character varying(32) NOT NULL,
    nearest text NOT NULL,
    at timestamp with time zone NOT NULL,
    done_at timestamp with time zone
);
CREATE SEQUENCE public.desk_questions_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.desk_questions_id_seq OWNED BY public.desk_questions.id;
CREATE TABLE public.desk_ratings (
    id integer NOT NULL,
    citizen character varying(64),
    about character varying(96) NOT NULL,
    service character varying(64),
    day date NOT NULL,
    level integer NOT NULL,
    CONSTRAINT desk_ratings_level_known CHECK (((level >= 1) AND (level <= 5)))
);
CREATE SEQUENCE public.desk_ratings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.desk_ratings_id_seq OWNED BY public.desk_ratings.id;
CREATE TABLE public.desk_requests (
    key_hash character varying(64) NOT NULL,
    body_hash character varying(64) NOT NULL,
    result character varying(32) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.desk_wrong_checks (
    id integer NOT NULL,
    citizen character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.desk_wrong_checks_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.desk_wrong_checks_id_seq OWNED BY public.desk_wrong_checks.id;
CREATE TABLE public.home_days (
    rule character varying(64) NOT NULL,
    day date NOT NULL,
    booked integer NOT NULL,
    capacity integer NOT NULL,
    CONSTRAINT home_days_never_overbooked CHECK (((booked >= 0) AND (booked <= capacity)))
);
CREATE TABLE public.meta (
    name character varying(32) NOT NULL,
    value character varying(128) NOT NULL
);
CREATE TABLE public.plates (
    day date NOT NULL,
    plate_hash character varying(64) NOT NULL,
    citizen character varying(64) NOT NULL,
    plate_sealed text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.requests (
    key_hash character varying(64) NOT NULL,
    body_hash character varying(64) NOT NULL,
    code character varying(16) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    place character varying(64),
    place_name text,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone
);
CREATE TABLE public.slots (
    service character varying(64) NOT NULL,
    place character varying(64) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    booked integer NOT NULL,
    capacity integer NOT NULL,
    CONSTRAINT slots_never_overbooked CHECK (((booked >= 0) AND (booked <= capacity)))
);
ALTER TABLE ONLY public.desk_audit ALTER COLUMN id SET DEFAULT nextval('public.desk_audit_id_seq'::regclass);
ALTER TABLE ONLY public.desk_messages ALTER COLUMN id SET DEFAULT nextval('public.desk_messages_id_seq'::regclass);
ALTER TABLE ONLY public.desk_questions ALTER COLUMN id SET DEFAULT nextval('public.desk_questions_id_seq'::regclass);
ALTER TABLE ONLY public.desk_ratings ALTER COLUMN id SET DEFAULT nextval('public.desk_ratings_id_seq'::regclass);
ALTER TABLE ONLY public.desk_wrong_checks ALTER COLUMN id SET DEFAULT nextval('public.desk_wrong_checks_id_seq'::regclass);
INSERT INTO public.appointments VALUES ('SVBG68RY', 'd63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287', 'id-card', '居民身份证换领', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00', 'booked', 'gAAAAABrCDdxYVtXu4jHkSm_q7STYfONN6QF4SI12e04Q49rUsugDC1hdUMNhuS85WJKk4oJQhutDTagNYvkcwK_zJag4-Ff2A==', 'gAAAAABrCDdxWLuPTz7860Q0s8iybFqL_UVqxtrS_DasJvVS9KYmOGQmzGlgbl3sXx41BUw5Kig6aV0zyeBte_-eJZq4rdoDlQ==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', NULL, 'hall', NULL, NULL);
INSERT INTO public.appointments VALUES ('D6NZPBS7', '5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4', 'id-card', '居民身份证换领', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00', 'cancelled', 'gAAAAABrCDdxJPHXBWTensDznudwtX77Zn5bzwKt4LMPauF_ESZKvTjOaGKjNerr9Ceploo3vHU0djQg_hyh0W0W03XN9_lg9w==', 'gAAAAABrCDdxUECA9CFGy9jAPqGHUUpjWCG9D2OukxVJEvmY9A6yb-0DO9db64NxHTmlQ-5oetAMQcT7LHFXupBk2sNeFEbUuw==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', '2026-11-23 02:00:00+00', 'hall', NULL, NULL);
INSERT INTO public.appointments VALUES ('JN9SSCWQ', '208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff', 'id-card', '居民身份证换领', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00', 'booked', 'gAAAAABrCDdzBc-1WOi3f5h8zOZ_aoVqMi8CVojXmuxAmlG6-8VeNux3MqJAL0CgC9CfSNPQNT9A-DiuhIe0i3V_yTelWVI1JA==', 'gAAAAABrCDdz-P2Bf_c5flu_0gLm3HbLAmRREwGl679rzNwRF7vB9nM2gi6mjD-24l1Fo5UEik_0iQNj3ietOqxn-6UKgcUPVQ==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', NULL, 'hall', NULL, NULL);
INSERT INTO public.appointments VALUES ('LG9Q63FJ', '39701edfa710bb6f97a74d0210127453dd7b6811d2d4968ff57d17d0e24ab6df', 'id-card', '居民身份证换领', 'district-hall', '区政务服务中心', '2026-11-25 01:00:00+00', '2026-11-25 01:30:00+00', 'booked', 'gAAAAABrCDd14A_Bu-kSsJBKo7fTTn6gALrceWPIPWaMa9BzpBve-EqlqiNLJ9hNW-XfABb1LYZ1E613M2ng2ko9AKuyOb9nmw==', 'gAAAAABrCDd1-XOJZFInvRNkM6oeqcjvP2vQimFsxt76Kh-3mXcgQuo3mR9A9v1eOca0wys01pFHsbSdkRHPznj3y9GZGjLo4w==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', NULL, 'hall', NULL, NULL);
INSERT INTO public.appointments VALUES ('YBLGZ9BK', 'd63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287', 'id-card', '居民身份证换领', 'home', '老年人上门服务', '2026-11-26 01:00:00+00', '2026-11-26 04:00:00+00', 'booked', 'gAAAAABrCDd1a1ffZOKV_SZf3-vaIJcO_slM4rUReyantMNFJc2reaDFMmHiOFkGNZYUjDfsN6_zlVG6HQOWZQv-mg5DH0swAA==', 'gAAAAABrCDd1sj60yMI0ZP1-pbsDWOgUawpQWYpuG4ppRKvJVlHfi865uxkJM6jliEINGKpSgIw144U9O1v-mRxpm_tDvGMJEg==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', NULL, 'home', 'elderly', 'gAAAAABrCDd1CYIwASnJ5DwFbjLOt5gW77-zEOIjgBf-NY-l_DS1nfpTpbch7V26EGGiwBiVvjHlm9mT15ny3uRUbkRZ1YSzyP1jm0Go1PoPRNggsFpSJm81sYg2CGa-CH2HIhh_RNSW');
INSERT INTO public.citizens VALUES ('d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287', 3);
INSERT INTO public.citizens VALUES ('5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4', 2);
INSERT INTO public.citizens VALUES ('208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff', 1);
INSERT INTO public.citizens VALUES ('39701edfa710bb6f97a74d0210127453dd7b6811d2d4968ff57d17d0e24ab6df', 2);
INSERT INTO public.desk_audit VALUES (1, '王窗口', 'reply', 'W8SK3PMM', '2026-11-23 02:00:00+00');
INSERT INTO public.desk_cases VALUES ('W8SK3PMM', 'message', 'answered', 'fcc180069cab9387ff5402b0a85568c2f7d4f8aff4ec62e44cd3baac4d5975b9', 'gAAAAABrCDd1sGOb_-i82dv7CT5KuFKHSZ5fXdsC2fB7_6CphqeJxiG_8hn-SWCzzmrf2cs6szU1StHISgucXEQb54iAqjU3NA==', NULL, 'gAAAAABrCDd1BYGuDpY6oxFxkczX8el0s1FwVitmPImDBiGFKJ9YTz7-9CbrIN740cMpP1XoelZ73gJKMDqKSE6jbTzPGEHuE8USAccGtdS17Th0Rj8gyYo=', '2026-11-23 02:00:00+00', '2026-11-24', '2026-11-23 02:00:00+00', NULL);
INSERT INTO public.desk_cases VALUES ('346G2VK4', 'complaint', 'open', 'ec1bb150616f8829a35a9628673d79c9098a274ffb1c5d86f9c696779b484127', 'gAAAAABrCDd1YIl7g9iAfrvVsNtSSnQjzT9qgoRShquVRvdcHJ9eV7JC5PKf02EL4t_58Dv9C772JfYKizAPjoYWu3f9joK5GQ==', NULL, 'gAAAAABrCDd1mQje9gA7EJMukZar9F9dSFkBLUP3ZW_XqSvugfJwxS8mR8twt_n8x90owwhoO4_MfapoMsM1010tit7qTsjHEA==', '2026-11-23 02:00:00+00', '2026-11-30', '2026-11-23 02:00:00+00', NULL);
INSERT INTO public.desk_letters VALUES ('3cb2e293ac644a85ac7a3131929c0ad2', 1, '2026-11-23 02:00:00+00', NULL, NULL);
INSERT INTO public.desk_messages VALUES (1, 'W8SK3PMM', 'staff', '2026-11-23 02:00:00+00', 'gAAAAABrCDd1VDzkb3n_0A-Yj8W99RUhKPowSBUxzd5IpohY75lcihatj-9ZMMfoeTHOJQTlJf136ZYuM5lNXiTYGQ40mJ8TF1fObZbWcyDwFxuAupdvcm8=');
INSERT INTO public.desk_meta VALUES ('version', '1');
INSERT INTO public.desk_meta VALUES ('data_key', 'ad75c13ef1b14839d54219c2087cdde337052f957758bdc2718348d3c7f80492');
INSERT INTO public.desk_questions VALUES (1, 'gAAAAABrCDd19dapZce2Umb1SmzBK5AjqESHs_hLbXtrFxWqSGkchD7tLBxveQJcPVdFx1uSI0QcDQ5LI3o9hyDLVWDZj5z6nQr0ATbAiUkRHcNpNbU6IOU=', 'unanswerable', 'permit', '2026-11-23 02:00:00+00', NULL);
INSERT INTO public.desk_ratings VALUES (1, 'fcc180069cab9387ff5402b0a85568c2f7d4f8aff4ec62e44cd3baac4d5975b9', 'service:id-card', 'id-card', '2026-11-23', 4);
INSERT INTO public.desk_requests VALUES ('560cb3b939bb44f752511fc3877d96da74d33d96dcc11906dcdb3379b0aa0f55', 'e619ab787cbab7573e4560cc45e53b30c137550e33a530d00ea5b82fc601b9e2', 'W8SK3PMM', '2026-11-23 02:00:00+00');
INSERT INTO public.desk_requests VALUES ('5d6811fdcedf9c4dcc30df78c7714b944952ea10a88085d9a301c47cb9c66384', 'cc79c5e59e9f496155a9c1309376df7ba5d7f990e0be507db4da4e2d023cc023', '346G2VK4', '2026-11-23 02:00:00+00');
INSERT INTO public.desk_requests VALUES ('c0fc79c1f172919257260d6f6c1a97eecdd33853bf40c05a72f7a557214695ac', '0a9fecacdf1baf9c43021919ad186d12b26d012d43322db2f3d1570f273831fe', 'W8SK3PMM', '2026-11-23 02:00:00+00');
INSERT INTO public.desk_requests VALUES ('3ed63a9679623cec9e146cb3da2d62e4b2132a7d9bb26f56bba1ffa6c2b84c95', '36b734a45714d3b14a3a6c528c928dd1422451fcc1c670fefb8f143832b79c73', '', '2026-11-23 02:00:00+00');
INSERT INTO public.desk_requests VALUES ('a504c065b316cdf287f6eb4e6cd3622916f1d8d25a0504bd388422ff37afcac7', 'b437cad343a3bae7b1719e30904cffe59af8aa8ffe7c5e56a0745bc5dde65ecf', '', '2026-11-23 02:00:00+00');
INSERT INTO public.desk_wrong_checks VALUES (1, 'fcc180069cab9387ff5402b0a85568c2f7d4f8aff4ec62e44cd3baac4d5975b9', '2026-11-23 02:00:00+00');
INSERT INTO public.home_days VALUES ('elderly', '2026-11-26', 1, 2);
INSERT INTO public.meta VALUES ('version', '2');
INSERT INTO public.meta VALUES ('data_key', 'ad75c13ef1b14839d54219c2087cdde337052f957758bdc2718348d3c7f80492');
INSERT INTO public.plates VALUES ('2026-11-24', '81b858a24ac78e45a99d644653fb79fe91a4d7fbb1464b01d30e256e416762c0', 'd63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287', 'gAAAAABrCDd1D5VD1kWOoZg1NQscaY-pE5m6rK3tguGMCrAnrAyRvHq0E4Sap3in6vblP314j42TBKriWfpgLF8NtfDLjWRJiQ==', '2026-11-23 02:00:00+00');
INSERT INTO public.requests VALUES ('de5652cb1b344a0a2544c146082ceae213ea58dd6ffb1f6ef70360b5ec232f15', '0027ffa23a2c4d5d0f938414fe3a30521191532b7b2a04c1ff4a4ec690da61af', 'SVBG68RY', '2026-11-23 02:00:00+00', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00');
INSERT INTO public.requests VALUES ('216dbad2bed138d0e56fed6ecac6004e5e0cd1c6e0af0fa969cf305e24ffd14e', '938341bb8f8cdc0fd0ee12be7e2d8cd5413293b7c7b7446aac861d9d012ad765', 'D6NZPBS7', '2026-11-23 02:00:00+00', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00');
INSERT INTO public.requests VALUES ('f7f69e3e2f4b9cfa2064e5f479ef791d4fd27f01e1435004efef9557cdd0070e', '9458fed7f993a7c800b243bae5d2f2857eaba1c2aa9d4063789cb0545304cd19', 'JN9SSCWQ', '2026-11-23 02:00:00+00', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00');
INSERT INTO public.requests VALUES ('57f00ece330e603e41fd7324db35a4717a0a486bca696623e1a35bb09f79140d', 'b7f473ef5f0d6ff42ee262a3a44e0eafecb37d2f20f4e1a13efd2dce64a3a2fa', 'LG9Q63FJ', '2026-11-23 02:00:00+00', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00');
INSERT INTO public.requests VALUES ('29ac9e8f240a08295aabfdd51665822d201c2bffd06902a92608015b54091057', 'cfdfc1ee51dc4e74b226b31697eaf8ba15354cc0a9dd706eae2a7e2dbea60302', 'LG9Q63FJ', '2026-11-23 02:00:00+00', 'district-hall', '区政务服务中心', '2026-11-25 01:00:00+00', '2026-11-25 01:30:00+00');
INSERT INTO public.requests VALUES ('0f1cb5c9637cbf57d16d799138fb693fefcbc3fe00288bf24ff52dc6e2c30a9d', '3d7d43e8615336c8b686e13f36154cbef087d496077402ce69b840dccbba3615', 'YBLGZ9BK', '2026-11-23 02:00:00+00', 'home', '老年人上门服务', '2026-11-26 01:00:00+00', '2026-11-26 04:00:00+00');
INSERT INTO public.slots VALUES ('id-card', 'district-hall', '2026-11-24 01:00:00+00', 2, 3);
INSERT INTO public.slots VALUES ('id-card', 'district-hall', '2026-11-25 01:00:00+00', 1, 3);
SELECT pg_catalog.setval('public.desk_audit_id_seq', 1, true);
SELECT pg_catalog.setval('public.desk_messages_id_seq', 1, true);
SELECT pg_catalog.setval('public.desk_questions_id_seq', 1, true);
SELECT pg_catalog.setval('public.desk_ratings_id_seq', 1, true);
SELECT pg_catalog.setval('public.desk_wrong_checks_id_seq', 1, true);
ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.citizens
    ADD CONSTRAINT citizens_pkey PRIMARY KEY (citizen);
ALTER TABLE ONLY public.desk_audit
    ADD CONSTRAINT desk_audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.desk_cases
    ADD CONSTRAINT desk_cases_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.desk_letters
    ADD CONSTRAINT desk_letters_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.desk_messages
    ADD CONSTRAINT desk_messages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.desk_meta
    ADD CONSTRAINT desk_meta_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.desk_questions
    ADD CONSTRAINT desk_questions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.desk_ratings
    ADD CONSTRAINT desk_ratings_one_a_day UNIQUE (citizen, about, day);
ALTER TABLE ONLY public.desk_ratings
    ADD CONSTRAINT desk_ratings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.desk_requests
    ADD CONSTRAINT desk_requests_pkey PRIMARY KEY (key_hash);
ALTER TABLE ONLY public.desk_wrong_checks
    ADD CONSTRAINT desk_wrong_checks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.home_days
    ADD CONSTRAINT home_days_pkey PRIMARY KEY (rule, day);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.plates
    ADD CONSTRAINT plates_pkey PRIMARY KEY (day, plate_hash);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (key_hash);
ALTER TABLE ONLY public.slots
    ADD CONSTRAINT slots_pkey PRIMARY KEY (service, place, starts_at);
CREATE INDEX appointments_of_citizen ON public.appointments USING btree (citizen, starts_at);
CREATE UNIQUE INDEX appointments_one_open_per_service ON public.appointments USING btree (citizen, service, kind) WHERE ((status)::text = 'booked'::text);
CREATE INDEX desk_cases_by_status ON public.desk_cases USING btree (status, answer_by);
CREATE INDEX desk_cases_of_citizen ON public.desk_cases USING btree (citizen, opened_at);
CREATE INDEX ix_appointments_phone_hash ON public.appointments USING btree (phone_hash);
CREATE INDEX ix_desk_letters_made_at ON public.desk_letters USING btree (made_at);
CREATE INDEX ix_desk_letters_message ON public.desk_letters USING btree (message);
CREATE INDEX ix_desk_messages_number ON public.desk_messages USING btree (number);
CREATE INDEX ix_desk_questions_at ON public.desk_questions USING btree (at);
CREATE INDEX ix_desk_requests_at ON public.desk_requests USING btree (at);
CREATE INDEX ix_desk_wrong_checks_citizen ON public.desk_wrong_checks USING btree (citizen);
CREATE INDEX ix_requests_created_at ON public.requests USING btree (created_at);
CREATE INDEX plates_of_citizen ON public.plates USING btree (citizen, day);
ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_citizen_fkey FOREIGN KEY (citizen) REFERENCES public.citizens(citizen);
ALTER TABLE ONLY public.desk_letters
    ADD CONSTRAINT desk_letters_message_fkey FOREIGN KEY (message) REFERENCES public.desk_messages(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.desk_messages
    ADD CONSTRAINT desk_messages_number_fkey FOREIGN KEY (number) REFERENCES public.desk_cases(number) ON DELETE CASCADE;
ALTER TABLE ONLY public.plates
    ADD CONSTRAINT plates_citizen_fkey FOREIGN KEY (citizen) REFERENCES public.citizens(citizen);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_code_fkey FOREIGN KEY (code) REFERENCES public.appointments(code);
