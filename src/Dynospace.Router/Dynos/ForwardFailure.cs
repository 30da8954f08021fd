using Dynospace.Router.Errors;

namespace Dynospace.Router.Dynos;

/// <summary>Why a dyno's response did not reach the client whole.</summary>
/// <param name="IsConnect">No dyno got a byte of the request, so that another may be tried.</param>
internal sealed record ForwardFailure(RouterError Error, bool IsConnect);
