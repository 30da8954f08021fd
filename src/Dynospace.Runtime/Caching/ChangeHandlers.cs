using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Caching;

/// <summary>Tells changes to those who asked for them, one after the other.</summary>
internal sealed class ChangeHandlers<T>(ResourceKind kind, ILogger logger)
    where T : class
{
    private readonly List<Action<ObjectChange<T>>> _handlers = [];

    public void Add(Action<ObjectChange<T>> handler) => _handlers.Add(handler);

    public void Tell(ObjectChange<T> change)
    {
        foreach (var handler in _handlers)
        {
            try
            {
                handler(change);
            }
            catch (Exception e)
            {
                // A defect of one handler must not cost the others their changes, nor the store its watch.
                logger.LogError(e, "A handler of {Kind} {Key} failed", kind.Kind, change.Key);
            }
        }
    }
}
