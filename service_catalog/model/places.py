"""场所: places on three levels with their floors, zones and windows, and self-service terminals."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise

from pydantic import Field, validator

from service_catalog.model.base import Id, Part, Period, Phone, Text, at_least_one


class Level(str, Enum):
    """A place's level 层级."""

    DISTRICT = "区级"
    TOWN = "镇街"
    VILLAGE = "村社区"


class Hours(Part):
    """办公时间: open spans by kind of day; an empty list is a day closed."""

    workdays: tuple[Period, ...] = Field(title="工作日")
    saturday: tuple[Period, ...] = Field((), title="周六")
    sunday: tuple[Period, ...] = Field((), title="周日")
    holidays: tuple[Period, ...] = Field((), title="法定节假日")
    extended: tuple[Period, ...] = Field((), title="延时服务", description="工作日延长的时段")
    extended_note: Text | None = Field(None, title="延时服务说明")
    rota_note: Text | None = Field(None, title="周末轮值说明")
    lunch_note: Text | None = Field(None, title="午间服务说明")
    note: Text | None = Field(None, title="说明")

    _filled = validator("workdays", allow_reuse=True)(at_least_one)

    @validator("workdays", "saturday", "sunday", "holidays", "extended")
    def _in_order(cls, periods: tuple[Period, ...]) -> tuple[Period, ...]:
        edges = [edge for period in periods for edge in (period.start, period.end)]
        if any(earlier >= later for earlier, later in pairwise(edges)):
            raise ValueError("时段要从早到晚、互不重叠：按先后改好")
        return periods


_COORDINATES = "天地图或GPS的经纬度（WGS 84）；腾讯、高德、百度地图上的偏几百米，要先换算"


class Position(Part):
    """坐标 in WGS 84, degrees."""

    latitude: float = Field(title="纬度", ge=3, le=54)
    longitude: float = Field(title="经度", ge=73, le=136)


class Parking(Part):
    """停车: where, how many, for how much."""

    spaces: int | None = Field(None, title="车位数", ge=0, le=100_000)
    free_minutes: int | None = Field(None, title="免费分钟", ge=0, le=1440)
    bind_plate: bool = Field(False, title="绑定车牌免费", description="绑定车牌后免费的写 true")
    note: Text | None = Field(None, title="停车说明")


class Zone(Part):
    """区域 of a floor: what is done there."""

    name: Text = Field(title="区域名称")
    what: Text = Field(title="办理内容")
    seats: int | None = Field(None, title="等候座位", ge=0, le=10_000)


class Floor(Part):
    """楼层 with its zones."""

    number: int = Field(title="楼层", ge=-3, le=60)
    what: Text = Field(title="楼层说明")
    lift: bool = Field(False, title="电梯可达")
    zones: tuple[Zone, ...] = Field((), title="区域")


class Window(Part):
    """窗口: where in its place it is and what it is called."""

    number: Text = Field(title="窗口号")
    name: Text = Field(title="窗口名称")
    floor: int = Field(title="楼层", ge=-3, le=60)
    zone: Text = Field(title="区域")
    hours: Hours | None = Field(None, title="窗口办公时间")
    phone: Phone | None = Field(None, title="窗口电话")


class Place(Part):
    """场所: a hall, a town or street centre, a village point."""

    id: Id = Field(title="场所编号")
    name: Text = Field(title="场所名称")
    aliases: tuple[Text, ...] = Field((), title="别名", description="市民对它的叫法")
    level: Level = Field(title="层级")
    address: Text = Field(title="地址")
    transport: Text | None = Field(None, title="交通")
    position: Position | None = Field(None, title="坐标", description=_COORDINATES)
    parking: Parking | None = Field(None, title="停车")
    floors: tuple[Floor, ...] = Field((), title="楼层")
    lift: bool = Field(False, title="电梯")
    phone: Phone = Field(title="电话")
    hours: Hours = Field(title="办公时间")
    windows: tuple[Window, ...] = Field((), title="窗口")
    facilities: tuple[Text, ...] = Field((), title="便民设施")
    accessibility: tuple[Text, ...] = Field((), title="无障碍设施")

    @validator("parking", pre=True)
    def _plain_parking(cls, value: object) -> object:
        """Parking that has no more to say than a sentence may be written as one."""
        return {"note": value} if isinstance(value, str) else value

    def window(self, number: str) -> Window | None:
        """The window of this number, or None."""
        return next((window for window in self.windows if window.number == number), None)


class Terminal(Part):
    """自助终端: where it stands, when it can be used, what it can do."""

    id: Id = Field(title="终端编号")
    name: Text = Field(title="终端名称")
    aliases: tuple[Text, ...] = Field((), title="别名", description="市民对它的叫法")
    place: Id | None = Field(None, title="所在场所", description="放在哪个场所里")
    address: Text = Field(title="地址")
    position: Position | None = Field(None, title="坐标", description=_COORDINATES)
    hours: Text = Field(title="开放时间", description="如 24小时")
    services: tuple[Id, ...] = Field((), title="可办事项")
    more: tuple[Text, ...] = Field((), title="其他功能", description="打印、查询等")
    phone: Phone = Field(title="故障电话")


class Terminals(Part):
    """terminals.yml: all self-service terminals."""

    terminals: tuple[Terminal, ...] = Field((), title="自助终端")
