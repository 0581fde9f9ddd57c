-- The fieldwork schema: client files and field visits. 客户档案与走访记录
--
-- Ids are UUIDv7 text: they sort by the time they were made, and no two devices ever make the same one.
-- Days are 'YYYY-MM-DD'. Moments are UTC, 'YYYY-MM-DDTHH:MM:SS.sssZ'. Money is in fen (分), hundredths of a yuan.
-- Words such as 'active' or 'return' are open lists: a value that a program does not know is kept and shown as it is.
-- There is no UNIQUE constraint besides the keys: two devices that enter one firm both keep what they entered, and a
-- person merges the pair. The `-- satchel:` lines are explained in Protocol/schema.md.


-- The enterprise's base data. 企业基础信息
-- One row for each client, shared by everyone who meets it. Parts of an address are one unit, since a street from
-- one person and a city from another make an address that never was. So are a tier and the figures it rests on, a
-- stage of life and the day it began, and the person and the department that own the client.
-- satchel: unit client.address (province, city, county, street, postcode, latitude, longitude)
-- satchel: unit client.lifecycle (lifecycle, lifecycle_since)
-- satchel: unit client.tier (tier, tier_basis)
-- satchel: unit client.key_account (key_account, key_account_kind)
-- satchel: unit client.assignment (owner, department)
-- One firm has one credit code; one that was entered without it is known by its name and telephone.
-- satchel: naturalKey client (credit_code)
-- satchel: similar client (name, phone, email)
CREATE TABLE client (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,             -- 名称
    short_name TEXT,                -- 简称
    credit_code TEXT,               -- 统一社会信用代码, GB 32100-2015
    industry TEXT,                  -- 所属行业
    products TEXT,                  -- 产品品种
    category TEXT,                  -- 类别: government 政府, enterprise 企业, …
    province TEXT,                  -- 省
    city TEXT,                      -- 市
    county TEXT,                    -- 区县
    street TEXT,                    -- 街道门牌
    postcode TEXT,                  -- 邮编
    latitude REAL,                  -- 纬度, WGS 84
    longitude REAL,                 -- 经度
    district TEXT,                  -- 片区
    phone TEXT,                     -- 电话
    email TEXT,                     -- 电子邮件
    website TEXT,                   -- 网址
    lifecycle TEXT,                 -- 阶段: prospect 潜在, active, at_risk 预流失, lost 流失
    lifecycle_since TEXT,           -- 阶段起始日
    tier TEXT,                      -- 级别: A 重点, B 普通, C 小客户
    tier_basis TEXT,                -- 分级依据
    agreement_amount_fen INTEGER,   -- 协议金额
    annual_fees_fen INTEGER,        -- 年度检验费用
    output_value_fen INTEGER,       -- 企业产值
    cooperation_since TEXT,         -- 合作起始日
    key_account INTEGER NOT NULL DEFAULT 0, -- 大客户: 0, 1
    key_account_kind TEXT,          -- economic 经济大客户, important 重要客户, potential 潜在大客户
    vip_card TEXT,                  -- VIP 卡号
    owner TEXT,                     -- 客户经理
    department TEXT,                -- 所属部门
    note TEXT,                      -- 备注
    created_at TEXT NOT NULL,       -- 建档时间
    created_by TEXT NOT NULL        -- 建档人
);


-- People at the client. 联系人与负责人
-- `reports_to` is the id of another contact (决策链). It is no foreign key: the chain may name a person whose file is not here.
-- satchel: unit contact.position (department, post, level)
-- satchel: unit contact.decision (decision_role, decision_criterion, reports_to)
CREATE TABLE contact (
    id TEXT PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL REFERENCES client (id) ON DELETE NO ACTION,
    name TEXT NOT NULL,             -- 姓名
    gender TEXT,                    -- 性别
    department TEXT,                -- 部门
    post TEXT,                      -- 职务
    level TEXT,                     -- working 工作层, middle 中级管理层, senior 高级管理层
    address TEXT,                   -- 地址
    phone TEXT,                     -- 电话
    email TEXT,                     -- 电子邮件
    preferences TEXT,               -- 喜好
    decision_role TEXT,             -- decides 决策人, uses 使用者, influences 影响者
    decision_criterion TEXT,        -- 决策注重方式: price 价格, quality 质量, preference 偏好, …
    reports_to TEXT,                -- 上级 contact.id
    note TEXT,                      -- 备注
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE INDEX contact_client ON contact (client_id);


-- Who is to go where, when and why. 走访计划
-- satchel: unit visit_plan.appointment (planned_on, assignee)
-- satchel: unit visit_plan.state (state, state_since)
CREATE TABLE visit_plan (
    id TEXT PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL REFERENCES client (id) ON DELETE NO ACTION,
    planned_on TEXT,                -- 计划日期
    assignee TEXT,                  -- 走访人
    kind TEXT,                      -- 类型, as in visit
    purpose TEXT,                   -- 目的
    state TEXT NOT NULL DEFAULT 'planned',  -- planned 计划中, done 已完成, cancelled 取消
    state_since TEXT,
    note TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE INDEX visit_plan_client ON visit_plan (client_id);


-- What took place. 走访/回访记录
-- A visit need not have been planned. Coordinates belong to the place, a follow-up to its due date, a review to its
-- author and time. That a visit was submitted is true whichever of two times is kept, so nobody is asked about it.
-- satchel: unit visit.place (place, latitude, longitude)
-- satchel: unit visit.time (started_at, ended_at)
-- satchel: unit visit.follow_up (follow_up, follow_up_due)
-- satchel: unit visit.review (reviewed_at, reviewed_by, review)
-- satchel: policy visit.submitted_at lastWriter
CREATE TABLE visit (
    id TEXT PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL REFERENCES client (id) ON DELETE NO ACTION,
    plan_id TEXT REFERENCES visit_plan (id) ON DELETE NO ACTION,
    kind TEXT,                      -- routine 走访, return 回访, complaint 投诉回访, satisfaction 满意度回访, senior 高层拜访
    purpose TEXT,                   -- 目的
    visitor TEXT NOT NULL,          -- 走访人
    companions TEXT,                -- 同行人
    met TEXT,                       -- 会见人
    place TEXT,                     -- 地点
    latitude REAL,
    longitude REAL,
    started_at TEXT,                -- 开始
    ended_at TEXT,                  -- 结束
    note TEXT,                      -- 走访内容
    opinions TEXT,                  -- 客户意见
    needs TEXT,                     -- 客户需求
    promised TEXT,                  -- 承诺
    follow_up TEXT,                 -- 后续措施
    follow_up_due TEXT,             -- 后续期限
    next_visit_on TEXT,             -- 下次走访
    submitted_at TEXT,              -- 提交时间 (大客户走访表)
    reviewed_at TEXT,               -- 审阅时间
    reviewed_by TEXT,               -- 审阅人
    review TEXT,                    -- 审阅意见
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE INDEX visit_client ON visit (client_id);
CREATE INDEX visit_plan_of ON visit (plan_id);


-- A reference to a photograph, a signed form, a report. 附件
-- The file itself is kept by its content and travels on its own; this row says what it is and what it hangs on.
-- `owner_table` and `owner_id` name a row of client or visit. They are no foreign key, since SQLite has none that
-- points into one of several tables.
-- satchel: unit attachment.owner (owner_table, owner_id)
-- satchel: unit attachment.file (sha256, media_type, size_bytes)
CREATE TABLE attachment (
    id TEXT PRIMARY KEY NOT NULL,
    owner_table TEXT NOT NULL,      -- 'client' or 'visit'
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,             -- 文件名
    sha256 TEXT NOT NULL,           -- 64 hexadecimal digits, lower case
    media_type TEXT,                -- for example image/jpeg
    size_bytes INTEGER NOT NULL,    -- 字节数
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE INDEX attachment_owner ON attachment (owner_table, owner_id);
