namespace Dynospace.Router.Wire;

/// <summary>The dyno's connection ended within its response.</summary>
internal sealed class CutResponseException(Exception? reason) : Exception("The response is cut.", reason);
