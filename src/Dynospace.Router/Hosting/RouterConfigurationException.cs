namespace Dynospace.Router.Hosting;

/// <summary>An option that makes no sense: one line that names it, its value and what to give instead.</summary>
public sealed class RouterConfigurationException(string message) : Exception(message);
