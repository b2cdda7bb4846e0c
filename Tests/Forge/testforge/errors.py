"""Forgejo's error answers."""


class ApiError(Exception):
    def __init__(self, status: int, message: str, **members):
        super().__init__(message)
        self.status, self.message, self.members = status, message, members

    def body(self, base: str) -> dict:
        return {"message": self.message, "url": base + "/api/swagger", **self.members}


def not_found(message: str = "The target couldn't be found.") -> ApiError:
    return ApiError(404, message, errors=[])
