import { Container, type ContainerOrder } from "./container.ts";
import type { Ground } from "./life.ts";
import { EngineRefusal } from "./refusal.ts";
import { SideCar } from "./side-car.ts";

/** All containers and side cars of an engine, by name. */
export class Household {
  readonly #ground: Ground;
  readonly #members = new Map<string, Container | SideCar>();
  #isClosed = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** @throws EngineRefusal 409 if the name is taken, as it is until a removal */
  create(order: ContainerOrder): Container {
    const container = new Container(this.#ground, order);
    this.#add(order.name, container);
    return container;
  }

  /** @throws EngineRefusal 409 if the name is taken */
  createSideCar(name: string, image: string): SideCar {
    const sideCar = new SideCar(name, image, {
      findPort: () => this.#portBehind(name),
      log: this.#ground.log,
    });
    this.#add(name, sideCar);
    return sideCar;
  }

  /** @throws EngineRefusal 404 */
  find(name: string): Container | SideCar {
    const member = this.#members.get(name);
    if (!member) throw new EngineRefusal(404, `No such container: ${name}`);
    return member;
  }

  /** Ends and forgets a member; when it is done, nothing of it is left. */
  async remove(member: Container | SideCar): Promise<void> {
    await member.remove();
    const name = member instanceof Container ? member.order.name : member.name;
    if (this.#members.get(name) === member) this.#members.delete(name);
  }

  containers(): Container[] {
    return [...this.#members.values()].filter((member) => member instanceof Container);
  }

  /** Removes everything and takes nothing in any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#members.values()].map((member) => this.remove(member)));
  }

  #add(name: string, member: Container | SideCar): void {
    if (this.#isClosed) throw new EngineRefusal(503, "the engine is closing");
    if (this.#members.has(name)) throw new EngineRefusal(409, `The name ${name} is in use`);
    this.#members.set(name, member);
  }

  #portBehind(sideCar: string): number | null {
    const container = this.containers().find(({ order }) => order.sideCar === sideCar);
    return container?.status.state === "running" ? container.status.port : null;
  }
}
