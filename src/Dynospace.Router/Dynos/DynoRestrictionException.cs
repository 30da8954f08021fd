namespace Dynospace.Router.Dynos;

/// <summary>The dyno's response is beyond a limit (H25).</summary>
internal sealed class DynoRestrictionException(string message) : Exception(message);
