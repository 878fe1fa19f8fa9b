"""Xledger's resources and what its field names mean: dates, times, references."""

MAIN = (
    "employees",
    "contacts",
    "employeeGroups",
    "objectValues",
    "exitReasons",
    "employmentTypes",
    "absenceCodes",
    "absences",
)
# Referred to by the contract, but without a listing of their own.
SIDE = (
    "entities",
    "positions",
    "positionValues",
    "positionCategories",
    "employeeTypes",
    "subledgers",
    "users",
    "xgl",
    "compensationTypes",
)
NODE_TYPES = {
    "employees": "Employee",
    "contacts": "Contact",
    "employeeGroups": "EmployeeGroup",
    "objectValues": "ObjectValue",
    "exitReasons": "ExitReason",
    "employmentTypes": "EmploymentType",
    "absenceCodes": "AbsenceCode",
    "absences": "Absence",
}
FIRST_DB_ID = {
    "employees": 70001,
    "contacts": 81001,
    "absences": 95001,
    "objectValues": 310001,
    "entities": 500,
}

DATES = frozenset(
    {
        "dateFrom",
        "dateTo",
        "employmentFrom",
        "employmentTo",
        "trialTo",
        "seniorityDate",
        "anniversaryDate",
        "noticeDate",
        "birthday",
        "fromDate",
        "toDate",
        "approvedDate",
    }
)
TIMES = frozenset({"timeFrom", "timeTo"})
PERSON = ("firstName", "middleName", "lastName", "initials", "birthday", "socialSec", "personalId", "phone")
REFERENCES = {
    "employeeGroup": "employeeGroups",
    "employmentType": "employmentTypes",
    "exitReason": "exitReasons",
    "glObject1": "objectValues",
    "glObject2": "objectValues",
    "glObject3": "objectValues",
    "glObject4": "objectValues",
    "glObject5": "objectValues",
    "superior": "employees",
    "contact": "contacts",
    "owner": "entities",
    "employeeType": "employeeTypes",
    "positionCategory": "positionCategories",
    "positionValue": "positionValues",
    "xgl": "xgl",
    "subledger": "subledgers",
    "user": "users",
    "compensationType": "compensationTypes",
    "employee": "employees",
    "absenceCode": "absenceCodes",
    "approvedBy": "users",
    "position": "positions",
}
GENDERS = (
    {"dbId": "1", "code": "M", "name": "Male"},
    {"dbId": "2", "code": "F", "name": "Female"},
)
